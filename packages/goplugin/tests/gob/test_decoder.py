"""Rules of the stream: messages, definitions, numbers, and where an error is said to be."""

import math
import struct
from collections.abc import Callable
from typing import Any

import pytest

from goplugin.wire import Limits
from goplugin.wire.gob import FLOAT, INT, NEED_DATA, STRING, Decoder, Encoder, Interface

BOOL_ID, INT_ID, UINT_ID, FLOAT_ID, BYTES_ID, STRING_ID, COMPLEX_ID, INTERFACE_ID = range(1, 9)


def test_needs_data_until_a_message_is_complete(raw: Any) -> None:
    decoder = Decoder()
    message = raw.message(raw.signed(STRING_ID), b"\0", raw.text("x" * 200))

    for size in range(len(message)):
        decoder.receive_data(message[size : size + 1])
        value = decoder.next_value()
        assert (value is NEED_DATA) == (size + 1 < len(message))

    assert value == "x" * 200
    assert decoder.next_value() is NEED_DATA


def test_values_of_one_chunk_come_one_after_the_other() -> None:
    encoder, decoder = Encoder(), Decoder()

    decoder.receive_data(b"".join(encoder.encode(INT, number) for number in range(1000)))

    assert [decoder.next_value() for _ in range(1000)] == list(range(1000))


@pytest.mark.parametrize(
    ("stream", "offset", "rule"),
    [
        (b"\0", 0, "a message of 0 bytes, expected 1 to"),
        (b"\xf7" + b"\1" * 9, 0, "a message's count has 9 bytes, expected at most 8"),
        (b"\xfb\xff\xff\xff\xff\xff", 0, "a message of 1099511627775 bytes"),
        (b"\x03\x04\0\x06" + b"\0", 4, "a message of 0 bytes"),
        (b"\x02\x04\0", 3, "a message ends inside a value"),
        (b"\x03\x04\0\xfe", 4, "a message ends inside a value"),
        (b"\x04\x04\0\x06\x06", 4, "1 bytes after a value, expected the end of the message"),
        (b"\x04\x0c\0\x05a", 5, "a message ends inside a value"),
        (b"\x03\x04\x01\x06", 2, "a value that is no struct begins with a field number"),
        (b"\x0d\x04\0\xf7" + b"\1" * 10, 3, "a number has 9 bytes, expected at most 8"),
        (b"\x0d\x08\0\xf7" + b"\1" * 10, 3, "a number has 9 bytes, expected at most 8"),
        (b"\x02\x00\0", 2, "type id 0 is not defined"),
        (b"\x02\x14\0", 2, "type id 10 is not defined"),
        (b"\x04\xfe\x01\x00\0", 4, "type id 128 is not defined"),
        (b"\x02\x01\0", 2, "a definition of type id 1, expected 64 to 2147483647"),
        (b"\x02\x7d\0", 2, "a definition of type id 63, expected 64 to 2147483647"),
        (b"\x06\xfb\xff\xff\xff\xff\xff", 7, "a definition of type id 549755813888"),
        (b"\x03\xff\x81\0", 3, "a type definition describes 0 types, expected exactly one"),
        (b"\x07\xff\x81\x01\0\x01\0\0", 3, "a type definition describes 2 types"),
        (b"\x05\xff\x81\x09\0\0", 4, "field number 8 in a struct type of 7 fields"),
        (b"\x06\xff\x81\xff\x00\0\0", 3, "a field's distance is a zero in several bytes"),
        (b"\x06\xff\x81\x02\0\0\0", 6, "1 bytes after a type definition"),
        (b"\x04\xff\x81\x02\0", 5, "a message ends inside a value"),
        (b"\x02\xff\x81", 3, "a message ends inside a value"),
    ],
)
def test_refuses_broken_streams_and_says_where(
    stream: bytes, offset: int, rule: str, refuse: Callable[..., Any]
) -> None:
    error = refuse(stream)

    assert error.rule.startswith(rule)
    assert error.offset == offset
    assert str(error) == f"at byte {offset}: {error.rule}"


def test_offsets_count_from_the_start_of_the_stream(
    raw: Any, codec: Any, refuse: Callable[..., Any]
) -> None:
    good = codec.encode([(STRING, "first"), (FLOAT, 1.0)])

    assert refuse(good, raw.message(raw.signed(STRING_ID), b"\1")).offset == len(good) + 2


def test_numbers_may_be_longer_than_needed(raw: Any, accept: Callable[..., object]) -> None:
    assert accept(raw.message(raw.signed(INT_ID), b"\0", b"\xfe\x00\x06")) == 3
    assert accept(b"\xfe\x00\x03\x04\0\x06") == 3
    assert accept(raw.message(raw.signed(BOOL_ID), b"\0\x05")) is True
    assert math.copysign(1, accept(raw.message(raw.signed(FLOAT_ID), b"\0\xff\x80"))) == -1.0  # type: ignore[arg-type]


def test_nan_keeps_its_bits(raw: Any, accept: Callable[..., object]) -> None:
    bits = bytes.fromhex("010000000000f87f")

    value = accept(raw.message(raw.signed(FLOAT_ID), b"\0\xf8", bits))

    assert struct.pack("<d", value) == bits


class TestDefinitions:
    @pytest.mark.parametrize("twice", ["message", "interface"])
    def test_an_id_is_defined_once(self, twice: str, raw: Any, refuse: Callable[..., Any]) -> None:
        first = raw.message(raw.slice(65, INT_ID))
        again = raw.slice(65, STRING_ID)
        if twice == "interface":
            again = raw.signed(INTERFACE_ID) + b"\0" + raw.text("T") + again

        assert refuse(first, raw.message(again)).rule == "type id 65 is defined twice"

    def test_the_types_of_fields_are_defined_by_the_time_of_the_first_value(
        self, raw: Any, refuse: Callable[..., Any], accept: Callable[..., object]
    ) -> None:
        outer = raw.message(raw.struct(65, ("A", 66)))
        inner = raw.message(raw.slice(66, INT_ID))
        value = raw.message(raw.signed(65), b"\1\1\2\0")

        assert refuse(outer, value).rule == "type id 66 is not defined"
        assert accept(outer, inner, value) == {"A": [1]}

    @pytest.mark.parametrize(
        ("kind", "fields", "rule"),
        [
            (3, b"\1\1\2\4\0", "a field of a struct type has no name"),
            (3, b"\1\2\1\1a\1\4\0\1\1a\1\4\0", "a struct type has two fields of one name"),
            (1, b"\1\4\1\3", "an array type has the length -2, expected 0 or more"),
        ],
    )
    def test_refuses_types_that_go_cannot_have(
        self, kind: int, fields: bytes, rule: str, raw: Any, refuse: Callable[..., Any]
    ) -> None:
        assert refuse(raw.message(raw.definition(65, kind, fields))).rule == rule

    def test_a_definition_may_leave_out_what_is_zero(
        self, raw: Any, accept: Callable[..., object], refuse: Callable[..., Any]
    ) -> None:
        empty_struct = raw.message(raw.signed(-65), b"\3\0\0")
        empty_array = raw.message(raw.definition(66, 1, b"\1", raw.signed(65)))
        nothing = raw.message(raw.signed(-67), b"\2\0\0")

        assert accept(empty_struct, raw.message(raw.signed(65), b"\0")) == {}
        assert accept(empty_struct, empty_array, raw.message(raw.signed(66), b"\0\0")) == []
        assert (
            refuse(nothing, raw.message(raw.signed(67), b"\0\0")).rule == "type id 0 is not defined"
        )

    @pytest.mark.parametrize("kind", [5, 6, 7])
    def test_a_type_with_an_encoding_of_its_own_is_bytes(
        self, kind: int, raw: Any, accept: Callable[..., object]
    ) -> None:
        definition = raw.message(raw.definition(65, kind))

        assert accept(definition, raw.message(raw.signed(65), b"\0", raw.text("abc"))) == b"abc"

    def test_the_types_that_describe_types_can_be_sent_too(
        self, raw: Any, accept: Callable[..., object]
    ) -> None:
        assert accept(raw.message(raw.signed(18), b"\1", raw.text("T"), b"\0")) == {"Name": "T"}

    def test_there_are_limits(self, raw: Any, refuse: Callable[..., Any]) -> None:
        slices = [raw.message(raw.slice(65 + n, INT_ID)) for n in range(3)]
        wide = raw.message(raw.struct(65, *((name, INT_ID) for name in "ABC")))

        few_types = refuse(*slices, limits=Limits(gob_types=2))
        few_fields = refuse(wide, limits=Limits(gob_fields=2))
        few_bytes = refuse(*slices, limits=Limits(gob_definition_bytes=20))

        assert few_types.rule == "more than 2 type definitions on one stream"
        assert few_types.offset == len(slices[0]) * 2 + 3
        assert few_fields.rule == "a struct type has 3 fields, expected at most 2"
        assert few_bytes.rule == "more than 20 bytes of type definitions on one stream"


class TestStructs:
    def test_a_field_beyond_the_type_is_refused(self, raw: Any, refuse: Callable[..., Any]) -> None:
        definition = raw.message(raw.struct(65, ("A", INT_ID)))

        for delta, number in ((b"\2", 1), (b"\xf8" + b"\xff" * 8, 2**64 - 2)):
            error = refuse(definition, raw.message(raw.signed(65), delta, b"\2\0"))
            assert error.rule == f"field number {number} in a struct type of 1 fields"

    def test_a_distance_of_zero_in_several_bytes_is_refused(
        self, raw: Any, refuse: Callable[..., Any]
    ) -> None:
        definition = raw.message(raw.struct(65, ("A", INT_ID)))

        error = refuse(definition, raw.message(raw.signed(65), b"\xff\0\2\0"))

        assert error.rule == "a field's distance is a zero in several bytes, expected one byte"

    def test_an_end_without_a_terminator_is_refused(
        self, raw: Any, refuse: Callable[..., Any]
    ) -> None:
        definition = raw.message(raw.struct(65, ("A", INT_ID)))

        error = refuse(definition, raw.message(raw.signed(65), b"\1\2"))

        assert error.rule == "a message ends inside a value"


class TestMaps:
    def test_of_equal_keys_the_last_one_stays(
        self, raw: Any, accept: Callable[..., object]
    ) -> None:
        definition = raw.message(raw.map(65, INT_ID, INT_ID))

        assert accept(definition, raw.message(raw.signed(65), b"\0\2\2\2\2\4")) == {1: 2}

    def test_each_nan_is_a_key(self, raw: Any, accept: Callable[..., object]) -> None:
        definition = raw.message(raw.map(65, FLOAT_ID, INT_ID))
        nan = b"\xfe\xf8\x7f"

        value = accept(definition, raw.message(raw.signed(65), b"\0\2", nan, b"\2", nan, b"\4"))

        assert isinstance(value, dict)
        assert sorted(value.values()) == [1, 2]

    def test_keys_that_go_cannot_have_become_tuples(
        self, raw: Any, accept: Callable[..., object]
    ) -> None:
        by_slice = raw.message(raw.map(65, 66, INT_ID)) + raw.message(raw.slice(66, INT_ID))
        by_map = raw.message(raw.map(65, 66, INT_ID)) + raw.message(raw.map(66, INT_ID, 67))
        ints = raw.message(raw.slice(67, INT_ID))

        assert accept(by_slice, raw.message(raw.signed(65), b"\0\1\1\2\2")) == {(1,): 1}
        assert accept(by_map, ints, raw.message(raw.signed(65), b"\0\1\1\2\1\4\2")) == {
            ((1, (2,)),): 1
        }


class TestInterfaces:
    def test_a_name_may_have_1024_bytes(
        self, raw: Any, accept: Callable[..., object], refuse: Callable[..., Any]
    ) -> None:
        def value(name: str) -> Any:
            return raw.message(b"\x10\0", raw.text(name), raw.signed(INT_ID), b"\2\0\2")

        assert accept(value("n" * 1024)) == Interface("n" * 1024, 1)
        assert (
            refuse(value("n" * 1025)).rule == "a type's name has 1025 bytes, expected at most 1024"
        )

    def test_the_count_of_the_contents_is_checked(
        self, raw: Any, refuse: Callable[..., Any]
    ) -> None:
        for count in (1, 3):
            error = refuse(
                raw.message(
                    b"\x10\0", raw.text("int"), raw.signed(INT_ID), raw.uint(count), b"\0\2\0"
                )
            )
            assert (
                error.rule
                == f"an interface's value ends at byte 10 of its message, {8 + count} by its count"
            )

    def test_a_definition_is_the_last_of_its_message(
        self, raw: Any, refuse: Callable[..., Any]
    ) -> None:
        error = refuse(raw.message(b"\x10\0", raw.text("T"), raw.slice(65, INT_ID), b"\0"))

        assert error.rule.startswith(
            "a type definition ends at byte 16 of its message, 17 by its count"
        )

    def test_a_definition_in_an_interface_is_the_last_of_its_counted_bytes(
        self, raw: Any, accept: Callable[..., object], refuse: Callable[..., Any]
    ) -> None:
        anys = raw.message(raw.slice(64, INTERFACE_ID))
        defined = b"\0\1" + raw.text("T") + raw.slice(65, INT_ID)
        rest = raw.signed(65) + raw.message(b"\0\1\2")
        outer = b"\x10\0" + raw.text("anys") + raw.signed(64)

        good = raw.message(outer, raw.message(defined), raw.message(rest))
        long = raw.message(outer, raw.message(defined, b"\0"), raw.message(rest))
        missing = raw.message(outer, raw.message(defined))
        undefined = raw.message(outer, raw.message(defined), raw.message(raw.signed(66), b"\1\0"))

        assert accept(anys, good) == Interface("anys", [Interface("T", [1])])
        assert refuse(anys, long).rule.startswith("a type definition ends at byte")
        assert refuse(anys, missing).rule == "a message ends inside a value"
        assert refuse(anys, undefined).rule == "type id 66 is not defined"

    def test_what_follows_a_definition_is_another_definition_or_the_value(
        self, raw: Any, accept: Callable[..., object], refuse: Callable[..., Any]
    ) -> None:
        start = raw.message(b"\x10\0", raw.text("T"), raw.slice(65, 66))
        second = raw.message(raw.slice(66, INT_ID))
        value = raw.message(raw.signed(65), raw.message(b"\0\1\1\2"))

        assert accept(start, second, value) == Interface("T", [[1]])
        assert refuse(start, value).rule == "type id 66 is not defined"
        assert refuse(start, second, value[:-1] + b"\0\0").rule.endswith("expected 1 to 16777216")


def test_a_large_message_may_come_in_small_pieces(raw: Any) -> None:
    decoder = Decoder()
    text = "0123456789abcdef" * 2**19
    message = raw.message(raw.signed(STRING_ID), b"\0", raw.text(text))

    for start in range(0, len(message), 4096):
        assert decoder.next_value() is NEED_DATA
        decoder.receive_data(message[start : start + 4096])

    assert decoder.next_value() == text
