"""Streams that Go wrote, read without Go; tests/conformance/cmd/gobvectors writes them and says what is in them."""

from collections.abc import Callable
from typing import Any

import pytest

from goplugin.wire.gob import INT, INTERFACE, NEED_DATA, Decoder, Encoder, Interface, Struct

NAMES = [
    "bool",
    "int",
    "uint",
    "float",
    "complex",
    "string",
    "bytes",
    "scalars",
    "composites",
    "sequences",
    "maps",
    "recursive",
    "opaque",
    "empty struct",
    "many fields",
    "nil interface",
    "interface",
    "interface definitions",
    "nested definitions",
    "deep interfaces",
    "argo requests",
    "argo replies",
]


def test_every_recorded_stream_is_tested(recorded: dict[str, Any]) -> None:
    assert list(recorded) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_reads_what_go_wrote(name: str, recorded: dict[str, Any], codec: Any) -> None:
    stream = recorded[name]

    values = codec.decode(stream.data)

    assert len(values) == len(stream.values)
    for (_, value), description in zip(values, stream.values, strict=True):
        codec.same(value, description)


@pytest.mark.parametrize("name", NAMES)
def test_reads_what_it_wrote_of_what_go_wrote(
    name: str, recorded: dict[str, Any], codec: Any, reencode: Callable[[Any], Any]
) -> None:
    again = reencode(recorded[name])

    for (_, value), description in zip(codec.decode(again.data), again.values, strict=True):
        codec.same(value, description)


@pytest.mark.parametrize("size", [1, 2, 7, 4096])
@pytest.mark.parametrize("name", NAMES)
def test_gives_the_same_values_however_the_stream_is_cut(
    name: str, size: int, recorded: dict[str, Any], codec: Any
) -> None:
    stream = recorded[name]
    decoder = Decoder()
    values = []
    for start in range(0, len(stream.data), size):
        decoder.receive_data(stream.data[start : start + size])
        while (value := decoder.next_value()) is not NEED_DATA:
            values.append(value)

    assert len(values) == len(stream.values)
    for value, description in zip(values, stream.values, strict=True):
        codec.same(value, description)


def test_writes_the_bytes_of_the_example_in_gos_documentation() -> None:
    point = Struct("Point", {"X": INT, "Y": INT})
    encoder = Encoder()

    first, second = (encoder.encode(point, {"X": 22, "Y": 33}) for _ in range(2))

    definition = "1fff81030101 05506f696e7401ff82000102 0101580104000101590104000000"
    value = "07ff82012c014200"
    assert first.hex() == definition.replace(" ", "") + value
    assert second.hex() == value


def test_writes_an_int_at_the_top_level_as_the_documentation_says() -> None:
    assert Encoder().encode(INT, 3).hex() == "03040006"


def test_an_argo_request_is_the_interface_its_plugin_expects(
    recorded: dict[str, Any], codec: Any
) -> None:
    values = codec.decode(recorded["argo requests"].data)

    type_, args = values[5]

    assert type_ is INTERFACE
    assert isinstance(args, Interface)
    assert (args.name, repr(args.type)) == ("RunArgs", "RunArgs")
    assert isinstance(args.value, dict)
    metadata = args.value["AnalysisRun"]["ObjectMeta"]
    assert metadata["Name"] == "shop-7d9c5b8f66-4-2"
    assert metadata["CreationTimestamp"].startswith(b"\x01\x00\x00\x00\x0e")
    assert args.value["Metric"]["Provider"]["Plugin"]["argoproj-labs/metric-ai"].startswith(b"{")
