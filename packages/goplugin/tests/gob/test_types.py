"""How types are named for people."""

import pytest

from goplugin.wire.gob import (
    BYTES,
    INT,
    INTERFACE,
    NEED_DATA,
    STRING,
    Array,
    Decoder,
    Encoder,
    GobEncoder,
    Interface,
    Map,
    Slice,
    Struct,
    Type,
)

RECURSIVE: Slice = Slice(lambda: RECURSIVE)


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (BYTES, "bytes"),
        (Struct("Point", {}), "Point"),
        (Struct("", {}), "Struct"),
        (GobEncoder("Time"), "Time"),
        (Slice(INT), "[]int"),
        (Slice(INT, "Numbers"), "Numbers"),
        (Array(3, Slice(STRING)), "[3][]string"),
        (Map(STRING, Array(1, INTERFACE)), "map[string][1]interface"),
        (RECURSIVE, "[][][][]..."),
    ],
)
def test_a_type_is_shown_in_gos_notation(type_: Type, text: str) -> None:
    assert repr(type_) == text


def test_a_type_gives_its_parts() -> None:
    struct: Struct = Struct("S", {"A": INT, "B": lambda: struct})

    assert struct.fields == (("A", INT), ("B", struct))
    assert Map(STRING, INT).parts() == (("", STRING), ("", INT))
    assert Array(2, INT).parts() == (("", INT),)
    assert INT.parts() == ()


def test_interfaces_are_compared_by_name_and_value() -> None:
    assert Interface("a", 1, INT) == Interface("a", 1)
    assert Interface("a", 1) != Interface("b", 1)
    assert hash(Interface("a", 1, INT)) == hash(Interface("a", 1))


def test_the_sentinel_says_what_it_is() -> None:
    assert repr(NEED_DATA) == "NEED_DATA"


def test_the_decoder_tells_the_type_of_the_value_it_returned_last() -> None:
    decoder = Decoder()
    point = Struct("Point", {"X": INT, "Tags": Map(STRING, Slice(STRING))})

    types = [decoder.value_type]
    decoder.receive_data(Encoder().encode(point, {"X": 1}))
    decoder.next_value()
    types.append(decoder.value_type)

    assert repr(types) == "[None, Point]"
    assert isinstance(types[1], Struct)
    assert [(name, repr(field)) for name, field in types[1].fields] == [
        ("X", "int"),
        ("Tags", "map[string][]string"),
    ]
