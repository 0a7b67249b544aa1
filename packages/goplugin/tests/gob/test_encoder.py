"""What the encoder sends, leaves out and refuses."""

from collections import UserDict
from enum import IntEnum, StrEnum

import pytest

from goplugin.wire import Limits, LocalProtocolError
from goplugin.wire.gob import (
    BOOL,
    BYTES,
    COMPLEX,
    FLOAT,
    INT,
    INTERFACE,
    NEED_DATA,
    STRING,
    UINT,
    Array,
    BinaryMarshaler,
    Decoder,
    Encoder,
    GobEncoder,
    Interface,
    Map,
    Slice,
    Struct,
    TextMarshaler,
    Type,
)

POINT = Struct("Point", [("X", INT), ("Y", INT)])
TIME = GobEncoder("Time")
EVERYTHING = Struct(
    "Everything",
    {
        "Bool": BOOL,
        "Int": INT,
        "Uint": UINT,
        "Float": FLOAT,
        "Complex": COMPLEX,
        "String": STRING,
        "Bytes": BYTES,
        "Any": INTERFACE,
        "Slice": Slice(INT),
        "Array": Array(2, INT),
        "Map": Map(STRING, INT),
        "Struct": POINT,
        "Time": TIME,
        "Binary": BinaryMarshaler("URL"),
        "Text": TextMarshaler("IP"),
    },
)


def round_trip(type_: Type, value: object, limits: Limits | None = None) -> object:
    decoder = Decoder()
    decoder.receive_data(Encoder(limits or Limits()).encode(type_, value))
    result = decoder.next_value()
    assert decoder.next_value() is NEED_DATA
    return result


def test_leaves_out_absent_none_and_zero_fields_and_sends_empty_composites() -> None:
    zero: dict[str, object] = {
        "Bool": False,
        "Int": 0,
        "Uint": 0,
        "Float": -0.0,
        "Complex": 0j,
        "String": "",
        "Bytes": b"",
        "Any": None,
        "Slice": [],
        "Time": None,
    }
    sent: dict[str, object] = {"Array": [0, 0], "Map": {}, "Struct": {}, "Binary": b"", "Text": b""}

    assert round_trip(EVERYTHING, zero) == {}
    assert round_trip(EVERYTHING, zero | sent) == sent


def test_sends_every_kind_of_field() -> None:
    value: dict[str, object] = {
        "Bool": True,
        "Int": -(2**63),
        "Uint": 2**64 - 1,
        "Float": 0.1,
        "Complex": 1 - 2j,
        "String": "é\udcff",
        "Bytes": b"\0\xff",
        "Any": Interface("Point", {"X": 1}, POINT),
        "Slice": [0, 1, 2**63 - 1],
        "Array": [0, -1],
        "Map": {"": 0, "a": 1},
        "Struct": {"Y": 5},
        "Time": b"\x01",
        "Binary": b"http://",
        "Text": b"::1",
    }

    assert round_trip(EVERYTHING, value) == value


def test_takes_what_stands_for_a_value() -> None:
    class Phase(StrEnum):
        RUNNING = "Running"

    class Level(IntEnum):
        HIGH = 3

    assert round_trip(STRING, Phase.RUNNING) == "Running"
    assert round_trip(INT, Level.HIGH) == 3
    assert round_trip(FLOAT, 3) == 3.0
    assert round_trip(COMPLEX, 1.5) == 1.5 + 0j
    assert round_trip(BYTES, bytearray(b"a")) == b"a"
    assert round_trip(BYTES, memoryview(b"ab")) == b"ab"
    assert round_trip(Slice(INT), (1, 2)) == [1, 2]
    assert round_trip(POINT, UserDict({"X": 1})) == {"X": 1}
    assert round_trip(Map(STRING, INT), UserDict({"X": 1})) == {"X": 1}


def test_sends_structs_arrays_and_interfaces_as_keys() -> None:
    points = Map(POINT, STRING)
    pairs = Map(Array(2, INT), STRING)
    anything = Map(INTERFACE, INT)
    shapes = Map(Struct("Line", {"From": POINT, "Ends": Array(1, POINT)}), INT)

    assert round_trip(points, {(("X", 1), ("Y", 2)): "a", (): "b"}) == {
        (("X", 1), ("Y", 2)): "a",
        (): "b",
    }
    assert round_trip(pairs, {(1, 2): "a"}) == {(1, 2): "a"}
    key = (("From", (("X", 1),)), ("Ends", ((("Y", 2),),)))
    assert round_trip(shapes, {key: 7}) == {key: 7}
    interfaces = {Interface("p", (("X", 1),), POINT): 1, None: 2, Interface("i", 1, INT): 3}
    assert round_trip(anything, interfaces) == interfaces


def test_defines_each_type_once_and_before_its_first_value() -> None:
    encoder, decoder = Encoder(), Decoder()
    inner = Struct("Inner", {"V": INT})
    outer = Struct("Outer", {"Any": INTERFACE, "Items": Slice(inner)})

    first = encoder.encode(outer, {"Any": Interface("inner", {"V": 1}, inner)})
    second = encoder.encode(outer, {"Any": Interface("inner", {"V": 1}, inner)})
    third = encoder.encode(inner, {"V": 1})

    assert first.endswith(second)
    assert len(second) < 20
    assert len(third) == 6
    decoder.receive_data(first + second + third)
    value = {"Any": Interface("inner", {"V": 1})}
    assert [decoder.next_value() for _ in range(3)] == [value, value, {"V": 1}]


def test_recursive_types_refer_to_themselves_by_a_function() -> None:
    node: Struct = Struct(
        "Node", {"Value": INT, "Next": lambda: node, "ByName": Map(STRING, lambda: node)}
    )
    tree: Slice = Slice(lambda: tree)
    value = {"Value": 1, "Next": {"Value": 2}, "ByName": {"x": {"Next": {}}}}

    assert round_trip(node, value) == value
    assert round_trip(tree, [[], [[], []]]) == [[], [[], []]]


def test_fields_far_apart_and_long_strings_take_longer_numbers() -> None:
    wide = Struct("Wide", [(f"F{i}", STRING) for i in range(300)])

    assert round_trip(wide, {"F0": "a", "F299": "b" * 300}) == {"F0": "a", "F299": "b" * 300}


@pytest.mark.parametrize(
    ("type_", "value", "message"),
    [
        (BOOL, 1, "bool: expected bool, found int"),
        (INT, "secret", "int: expected int, found str"),
        (INT, True, "int: expected int, found bool"),
        (INT, 2**63, "int: expected an int of -2**63 to 2**63 - 1, found one beyond"),
        (UINT, -1, "uint: expected an int of 0 to 2**64 - 1, found one beyond"),
        (UINT, True, "uint: expected int, found bool"),
        (FLOAT, "secret", "float: expected float, found str"),
        (FLOAT, True, "float: expected float, found bool"),
        (FLOAT, 10**400, "float: expected a float, found an int beyond its range"),
        (COMPLEX, "secret", "complex: expected complex, found str"),
        (BYTES, "secret", "bytes: expected bytes, found str"),
        (STRING, b"secret", "string: expected str, found bytes"),
        (STRING, "\ud800", "string: expected a str that UTF-8 can hold, found a lone surrogate"),
        (INTERFACE, 5, "interface: expected Interface or None, found int"),
        (INTERFACE, Interface("x", 5), "interface: expected an Interface with a type"),
        (
            INTERFACE,
            Interface("", 5, INT),
            "expected a registered name of 1 to 1024 bytes, found 0",
        ),
        (INTERFACE, Interface("x", "s", INT), "interface[x]: expected int, found str"),
        (POINT, [], "Point: expected a mapping for struct Point, found list"),
        (POINT, (1, 2), "Point: expected a mapping for struct Point, found tuple"),
        (POINT, None, "Point: expected a mapping for struct Point, found NoneType"),
        (POINT, {"Z": 1, "X": 2}, "Point: struct Point has no field 'Z'; its fields: X, Y"),
        (Slice(INT), "secret", "[]int: expected list, found str"),
        (Slice(POINT), [{}, {"X": ""}, {"X": "s"}], "[]Point[2].X: expected int, found str"),
        (Slice(POINT), [None], "[]Point[0]: expected a mapping for struct Point, found NoneType"),
        (Array(2, INT), [1], "[2]int: expected the 2 elements of [2]int, found 1"),
        (Map(STRING, INT), [], "map[string]int: expected a mapping, found list"),
        (Map(STRING, INT), {"a": 1, "secret": "b"}, "map[string]int[entry 1]: expected int"),
    ],
)
def test_refuses_what_is_not_of_the_type_and_says_where(
    type_: Type, value: object, message: str
) -> None:
    with pytest.raises(LocalProtocolError) as caught:
        Encoder().encode(type_, value)

    assert message in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_refused_value_leaves_the_stream_as_it_was() -> None:
    encoder, decoder = Encoder(), Decoder()
    with pytest.raises(LocalProtocolError):
        encoder.encode(POINT, {"X": "wrong"})

    decoder.receive_data(encoder.encode(POINT, {"X": 1}))

    assert decoder.next_value() == {"X": 1}


def test_a_failing_type_function_leaves_the_stream_as_it_was() -> None:
    def missing() -> Type:
        raise NameError("declared later")

    encoder, decoder = Encoder(), Decoder()
    with pytest.raises(NameError):
        encoder.encode(Struct("S", {"F": Slice(missing)}), {})

    decoder.receive_data(encoder.encode(POINT, {"X": 1}))

    assert decoder.next_value() == {"X": 1}


def test_a_value_that_holds_itself_is_too_deep() -> None:
    node: Struct = Struct("Node", {"Next": lambda: node, "Any": INTERFACE})
    tree: Slice = Slice(lambda: tree)
    ring: Map = Map(STRING, lambda: ring)
    chain: dict[str, object] = {}
    chain["Next"] = chain
    nest: list[object] = []
    nest.append(nest)
    circle: dict[str, object] = {}
    circle["x"] = circle
    anything: dict[str, object] = {}
    anything["Any"] = Interface("Node", anything, node)

    for type_, value in ((node, chain), (tree, nest), (ring, circle), (node, anything)):
        with pytest.raises(LocalProtocolError, match="expected at most 100 levels of nesting"):
            Encoder().encode(type_, value)


def test_interfaces_in_interfaces_are_too_deep_in_the_end() -> None:
    anything = Interface("int", 1, INT)
    for _ in range(99):
        anything = Interface("any", anything, INTERFACE)

    assert round_trip(INTERFACE, anything) == anything
    with pytest.raises(LocalProtocolError, match="expected at most 100 levels of nesting"):
        Encoder().encode(INTERFACE, Interface("any", anything, INTERFACE))


def test_what_it_sends_at_the_depth_limit_is_read() -> None:
    tree: Slice = Slice(lambda: tree)
    value: list[object] = []
    for _ in range(99):
        value = [value]

    assert round_trip(tree, value) == value


def test_a_value_beyond_the_message_limit_is_refused() -> None:
    limits = Limits(gob_message_bytes=100)

    assert round_trip(STRING, "x" * 97, limits) == "x" * 97
    with pytest.raises(LocalProtocolError, match="expected at most 100 bytes, found 101"):
        Encoder(limits).encode(STRING, "x" * 98)


def test_types_that_are_made_for_each_value_are_refused_in_the_end() -> None:
    encoder = Encoder(Limits(gob_types=3))
    for _ in range(3):
        encoder.encode(Slice(INT), [1])

    with pytest.raises(LocalProtocolError, match="declare a type once"):
        encoder.encode(Slice(INT), [1])


def test_a_struct_with_two_fields_of_one_name_is_refused() -> None:
    with pytest.raises(LocalProtocolError, match="struct S declares a field twice: A, B, A"):
        Struct("S", [("A", INT), ("B", INT), ("A", STRING)])
