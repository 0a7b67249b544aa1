"""Streams that want memory, time or stack: every one is refused within its declared limit."""

from collections.abc import Callable
from typing import Any

import pytest

from goplugin.wire import Limits
from goplugin.wire.gob import (
    INT,
    INTERFACE,
    NEED_DATA,
    STRING,
    Array,
    Decoder,
    Encoder,
    Interface,
    Map,
    Slice,
    Struct,
    Type,
)

INT_ID, STRING_ID, INTERFACE_ID = 2, 6, 8
SMALL = Limits(gob_elements=100)


def test_an_array_of_endless_nothing(raw: Any, refuse: Callable[..., Any]) -> None:
    nothing = raw.message(raw.signed(-65), b"\3\0\0")
    array = raw.message(raw.array(66, 65, 2**60))

    error = refuse(nothing, array, raw.message(raw.signed(66), b"\0", raw.uint(2**60)))

    assert error.rule == f"a count of {2**60} elements in the last 0 bytes of a message"


@pytest.mark.parametrize("count", [2, 100, 2**31, 2**63, 2**64 - 1])
@pytest.mark.parametrize("kind", ["slice", "map"])
def test_a_count_beyond_the_message(
    count: int, kind: str, raw: Any, refuse: Callable[..., Any]
) -> None:
    definition = raw.slice(65, INT_ID) if kind == "slice" else raw.map(65, INT_ID, INT_ID)

    error = refuse(
        raw.message(definition), raw.message(raw.signed(65), b"\0", raw.uint(count), b"\2")
    )

    assert error.rule.startswith("a count of ")


@pytest.mark.parametrize("size", [2**31, 2**63, 2**64 - 1])
@pytest.mark.parametrize("type_id", [5, STRING_ID])
def test_a_string_beyond_the_message(
    size: int, type_id: int, raw: Any, refuse: Callable[..., Any]
) -> None:
    error = refuse(raw.message(raw.signed(type_id), b"\0", raw.uint(size), b"abc"))

    assert error.rule == "a message ends inside a value"


def test_an_array_of_another_length_than_its_type(raw: Any, refuse: Callable[..., Any]) -> None:
    definition = raw.message(raw.array(65, INT_ID, 2))

    error = refuse(definition, raw.message(raw.signed(65), b"\0\1\2"))

    assert error.rule == "an array of 1 elements, expected 2 as in its type"


class TestElements:
    """The limit counts fields and elements of one value together, wherever they are."""

    def values(self, count: int) -> list[tuple[Type, object]]:
        pair = Struct("Pair", {"A": INT, "B": INT})
        loose = Struct("Loose", {"Any": INTERFACE, "A": INT})
        return [
            (Slice(INT), [1] * count),
            (Map(INT, INT), dict.fromkeys(range(count // 2), 1)),
            (Slice(pair), [{"A": 1, "B": 1}] * (count // 4)),
            (Array(count, INTERFACE), [None] * count),
            (Map(INT, INTERFACE), dict.fromkeys(range(count // 2))),
            (Slice(loose), [{"A": 1}] * (count // 3)),
            (Slice(INTERFACE), [Interface("i", [1] * 9, Slice(INT))] * (count // 10)),
        ]

    def test_up_to_the_limit(self, accept: Callable[..., object]) -> None:
        for type_, value in self.values(100):
            assert accept(Encoder().encode(type_, value), limits=SMALL) == value

    def test_beyond_the_limit(self, refuse: Callable[..., Any]) -> None:
        for type_, value in self.values(120):
            error = refuse(Encoder().encode(type_, value), limits=SMALL)
            assert error.rule == "a value has more than 100 elements and fields"

    def test_each_value_has_the_whole_limit(self) -> None:
        encoder, decoder, type_ = Encoder(), Decoder(SMALL), Slice(INT)

        for _ in range(3):
            decoder.receive_data(encoder.encode(type_, [1] * 100))
            assert decoder.next_value() == [1] * 100


class TestDepth:
    LIMITS = Limits(gob_depth=10)

    def values(self, levels: int) -> list[tuple[Type, object]]:
        """Values of `levels` levels of every kind that nests."""
        node: Struct = Struct("Node", {"Next": lambda: node})
        tree: Slice = Slice(lambda: tree)
        ring: Map = Map(STRING, lambda: ring)
        open_node: Struct = Struct("Open", {"Next": lambda: open_node, "Any": INTERFACE})
        chain: dict[str, object] = {}
        nest: list[object] = []
        circle: dict[str, object] = {}
        for _ in range(levels - 1):
            chain, nest, circle = {"Next": chain}, [nest], {"x": circle}
        return [(node, chain), (tree, nest), (ring, circle), (open_node, chain)]

    def test_up_to_the_limit(self, accept: Callable[..., object]) -> None:
        for type_, value in self.values(10):
            assert accept(Encoder().encode(type_, value), limits=self.LIMITS) == value

    def test_beyond_the_limit(self, refuse: Callable[..., Any]) -> None:
        for type_, value in self.values(11):
            error = refuse(Encoder().encode(type_, value), limits=self.LIMITS)
            assert error.rule == "values are nested deeper than 10 levels"

    def test_interfaces_in_interfaces(self, refuse: Callable[..., Any]) -> None:
        anys = Slice(INTERFACE)
        value = Interface("int", 5, INT)
        for _ in range(6):
            value = Interface("anys", [value], anys)

        error = refuse(Encoder().encode(INTERFACE, value), limits=self.LIMITS)

        assert error.rule == "values are nested deeper than 10 levels"

    def test_endless_nesting_takes_no_more_than_the_limit(
        self, raw: Any, refuse: Callable[..., Any]
    ) -> None:
        node = raw.message(raw.struct(65, ("Next", 65)))
        tree = raw.message(raw.slice(66, 66))

        deep_node = refuse(node, raw.message(raw.signed(65), b"\1" * 1_000_000))
        deep_tree = refuse(tree, raw.message(raw.signed(66), b"\0", b"\1" * 1_000_000))

        assert deep_node.rule == deep_tree.rule == "values are nested deeper than 100 levels"

    def test_a_chain_of_types_is_as_long_as_there_may_be_types(self, raw: Any) -> None:
        decoder = Decoder()
        for type_id in range(65, 1064):
            decoder.receive_data(raw.message(raw.slice(type_id, type_id + 1)))
        decoder.receive_data(raw.message(raw.slice(1064, INTERFACE_ID)))
        decoder.receive_data(raw.message(raw.signed(65), b"\0\0"))

        assert decoder.next_value() == []


class TestManyMessages:
    """Go cuts a value into messages where it defines a type in an interface."""

    def stream(self, raw: Any, count: int) -> list[Any]:
        """A slice of `count` interfaces, each with a type of its own, in `count` + 1 messages."""
        start = [raw.message(raw.slice(65, INTERFACE_ID)), raw.signed(65) + b"\0" + raw.uint(count)]
        for type_id in range(66, 66 + count):
            start[-1] = raw.message(start[-1], raw.text("T"), raw.slice(type_id, INT_ID))
            start.append(raw.signed(type_id) + raw.message(b"\0\1\2"))
        start[-1] = raw.message(start[-1])
        return start

    def test_a_value_in_many_messages_is_read_once(self, raw: Any) -> None:
        decoder = Decoder()
        messages = self.stream(raw, 900)
        for message in messages[:-1]:
            decoder.receive_data(message)
            assert decoder.next_value() is NEED_DATA
        decoder.receive_data(messages[-1])

        assert decoder.next_value() == [Interface("T", [1])] * 900

    def test_all_messages_of_a_value_together_have_the_limit_of_one(
        self, raw: Any, refuse: Callable[..., Any]
    ) -> None:
        messages = self.stream(raw, 20)
        size = sum(map(len, messages[1:])) - len(messages[1:])

        decoder = Decoder(Limits(gob_message_bytes=size))
        decoder.receive_data(b"".join(messages))
        assert decoder.next_value() == [Interface("T", [1])] * 20
        error = refuse(*messages, limits=Limits(gob_message_bytes=size - 1))
        assert error.rule == f"a value of more than {size - 1} bytes in several messages"

    @pytest.mark.parametrize(
        ("body", "rule"),
        [
            (b"\1", "a value that is no struct begins with a field number, expected a zero"),
            (b"\0\1\3", "field number 2 in a struct type of 2 fields"),
            (b"\0\1\xff\0", "a field's distance is a zero in several bytes, expected one byte"),
            (b"\0\1\1\2", "an array of 2 elements, expected 1 as in its type"),
            (b"\0\1\1\1", "a message ends inside a value"),
            (b"\0\1\1\1\0\0\0", "1 bytes after a value, expected the end of the message"),
            (b"\0" + b"\xfd\xff\xff\xff", "a value has more than 200000 elements and fields"),
        ],
    )
    def test_what_is_wrong_elsewhere_is_wrong_in_values_with_interfaces(
        self, body: bytes, rule: str, raw: Any, refuse: Callable[..., Any]
    ) -> None:
        slice_ = raw.message(raw.slice(65, 66))
        struct = raw.message(raw.struct(66, ("Array", 67), ("Int", INT_ID)))
        array = raw.message(raw.array(67, INTERFACE_ID, 1))

        assert refuse(slice_, struct, array, raw.message(raw.signed(65), body)).rule == rule
