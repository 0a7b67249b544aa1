"""Fixtures of the gob tests: the streams recorded from Go, and the form in which they describe values."""

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from goplugin.wire import DEFAULT_LIMITS, Limits, RemoteProtocolError
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

    def same_descriptions(self, found: object, expected: object) -> None:
        """Assert that two descriptions by Go say the same."""
        assert _sorted_maps(self.expect(found)) == _sorted_maps(self.expect(expected))


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


class Raw:
    """Bytes of gob by hand, to write what no encoder writes."""

    @staticmethod
    def uint(value: int) -> bytes:
        if value < 128:
            return bytes((value,))
        raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
        return bytes((256 - len(raw),)) + raw

    def signed(self, value: int) -> bytes:
        return self.uint(value << 1 if value >= 0 else ~value << 1 | 1)

    def message(self, *parts: bytes) -> bytes:
        body = b"".join(parts)
        return self.uint(len(body)) + body

    def text(self, value: str) -> bytes:
        return self.message(value.encode())

    def definition(self, type_id: int, kind: int, *fields: bytes) -> bytes:
        """A definition without its count: `kind` is the field number in wireType from 1, `fields` follow CommonType."""
        common = b"\1" + b"\2" + self.signed(type_id) + b"\0"
        return self.signed(-type_id) + bytes((kind,)) + common + b"".join(fields) + b"\0\0"

    def struct(self, type_id: int, *fields: tuple[str, int]) -> bytes:
        parts = [
            b"\1" + self.text(name) + b"\1" + self.signed(field) + b"\0" for name, field in fields
        ]
        return self.definition(type_id, 3, b"\1", self.uint(len(parts)), *parts)

    def slice(self, type_id: int, elem: int) -> bytes:
        return self.definition(type_id, 2, b"\1", self.signed(elem))

    def array(self, type_id: int, elem: int, length: int) -> bytes:
        return self.definition(type_id, 1, b"\1", self.signed(elem), b"\1", self.signed(length))

    def map(self, type_id: int, key: int, elem: int) -> bytes:
        return self.definition(type_id, 4, b"\1", self.signed(key), b"\1", self.signed(elem))


@pytest.fixture(scope="session")
def raw() -> Raw:
    return Raw()


@pytest.fixture
def refuse() -> Callable[..., RemoteProtocolError]:
    """Feed a stream of which the last message is refused; returns the error."""

    def feed(*messages: bytes, limits: Limits = DEFAULT_LIMITS) -> RemoteProtocolError:
        decoder = Decoder(limits)
        decoder.receive_data(b"".join(messages))
        with pytest.raises(RemoteProtocolError) as caught:
            list(iter(decoder.next_value, NEED_DATA))
        with pytest.raises(RemoteProtocolError) as again:
            decoder.next_value()
        with pytest.raises(RemoteProtocolError):
            decoder.receive_data(b"")
        assert again.value is caught.value
        return caught.value

    return feed


@pytest.fixture
def accept() -> Callable[..., object]:
    """Feed a stream of one value; returns the value."""

    def feed(*messages: bytes, limits: Limits = DEFAULT_LIMITS) -> object:
        decoder = Decoder(limits)
        decoder.receive_data(b"".join(messages))
        value = decoder.next_value()
        assert decoder.next_value() is NEED_DATA
        return value

    return feed
