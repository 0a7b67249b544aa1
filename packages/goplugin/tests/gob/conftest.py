"""Fixtures of the gob tests: the streams recorded from Go, and the form in which they describe values."""

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from goplugin.wire.gob import NEED_DATA, Decoder, Encoder, Interface, Type

_RECORDED = Path(__file__).with_name("vectors.json")


@dataclass(frozen=True)
class Stream:
    """A gob stream and descriptions of its values, in the form of tests/conformance/cmd/gobvectors."""

    name: str
    data: bytes
    values: list[object]

    @classmethod
    def parse(cls, entry: dict[str, Any]) -> "Stream":
        return cls(entry["name"], bytes.fromhex(entry["hex"]), entry["values"])

    def to_json(self) -> dict[str, object]:
        return {"name": self.name, "hex": self.data.hex(), "values": self.values}


class Codec:
    """The Python side of the comparison."""

    @staticmethod
    def parse(text: str) -> list[Stream]:
        return [Stream.parse(entry) for entry in json.loads(text)]

    @staticmethod
    def decode(data: bytes) -> list[tuple[Type, object]]:
        """Every value of a complete stream with its type."""
        decoder = Decoder()
        decoder.receive_data(data)
        values = []
        while (value := decoder.next_value()) is not NEED_DATA:
            assert decoder.value_type is not None
            values.append((decoder.value_type, value))
        return values

    @staticmethod
    def encode(values: list[tuple[Type, object]]) -> bytes:
        encoder = Encoder()
        return b"".join(encoder.encode(type_, value) for type_, value in values)

    def describe(self, value: object) -> object:
        match value:
            case float():
                return {"float": f"{struct.unpack('<Q', struct.pack('<d', value))[0]:x}"}
            case complex():
                return {"complex": [self.describe(value.real), self.describe(value.imag)]}
            case bytes():
                return {"bytes": value.hex()}
            case str():
                return self._describe_string(value)
            case list():
                return [self.describe(element) for element in value]
            case dict():
                return {
                    "dict": [
                        [self.describe(key), self.describe(item)] for key, item in value.items()
                    ]
                }
            case tuple():
                return {"key": [self.describe(element) for element in value]}
            case Interface():
                return {"interface": [value.name, self.describe(value.value)]}
        return value

    @staticmethod
    def _describe_string(value: str) -> object:
        raw = value.encode("utf-8", "surrogateescape")
        try:
            raw.decode()
        except UnicodeDecodeError:
            return {"string": raw.hex()}
        return value

    def expect(self, description: object) -> object:
        """Go's description in the form of `describe`: a struct is a dict here, and a key is of a hashable form."""
        match description:
            case {"struct": fields}:
                return {"dict": [[name, self.expect(value)] for name, value in fields]}
            case {"map": pairs}:
                return {
                    "dict": [[self._expect_key(key), self.expect(value)] for key, value in pairs]
                }
            case {"interface": [name, value]}:
                return {"interface": [name, self.expect(value)]}
            case list():
                return [self.expect(element) for element in description]
        return description

    def _expect_key(self, description: object) -> object:
        match description:
            case {"struct": fields}:
                return {"key": [{"key": [name, self._expect_key(value)]} for name, value in fields]}
            case {"interface": [name, value]}:
                return {"interface": [name, self._expect_key(value)]}
            case list():
                return {"key": [self._expect_key(element) for element in description]}
        return description

    def same(self, value: object, description: object) -> None:
        """Assert that a decoded value is the one described, whatever the order of its maps."""
        found, expected = self.describe(value), self.expect(description)
        assert _sorted_maps(found) == _sorted_maps(expected)


def _sorted_maps(description: object) -> object:
    match description:
        case {"dict": pairs}:
            sorted_pairs = [[_sorted_maps(key), _sorted_maps(value)] for key, value in pairs]
            return {"dict": sorted(sorted_pairs, key=json.dumps)}
        case dict():
            return {kind: _sorted_maps(value) for kind, value in description.items()}
        case list():
            return [_sorted_maps(element) for element in description]
    return description


@pytest.fixture(scope="session")
def codec() -> Codec:
    return Codec()


@pytest.fixture(scope="session")
def recorded(codec: Codec) -> dict[str, Stream]:
    return {stream.name: stream for stream in codec.parse(_RECORDED.read_text())}


@pytest.fixture(scope="session")
def reencode(codec: Codec) -> Callable[[Stream], Stream]:
    """A stream decoded and encoded again by this package."""

    def again(stream: Stream) -> Stream:
        return Stream(stream.name, codec.encode(codec.decode(stream.data)), stream.values)

    return again
