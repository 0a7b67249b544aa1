"""Generated types and values survive the way through encoder and decoder."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

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

NAMES = st.text("ABCdef_é", min_size=1, max_size=6)
LEAVES: list[Type] = [
    *(BOOL, INT, UINT, FLOAT, COMPLEX, STRING, BYTES, INTERFACE),
    *(GobEncoder("Time"), BinaryMarshaler("URL"), TextMarshaler("IP")),
]
KEYS = st.sampled_from([BOOL, INT, UINT, FLOAT, STRING])
SCALARS: dict[Type, st.SearchStrategy[object]] = {
    BOOL: st.booleans(),
    INT: st.integers(-(2**63), 2**63 - 1) | st.integers(-200, 200),
    UINT: st.integers(0, 2**64 - 1) | st.integers(0, 300),
    FLOAT: st.floats(allow_nan=False),
    COMPLEX: st.complex_numbers(allow_nan=False),
    STRING: st.text(max_size=200)
    | st.binary(max_size=9).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
    BYTES: st.binary(max_size=200),
}


def composites(types: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
    return st.one_of(
        st.builds(Slice, types),
        st.builds(Array, st.integers(0, 3), types),
        st.builds(Map, KEYS, types),
        st.builds(Struct, NAMES, st.dictionaries(NAMES, types, max_size=5)),
    )


TYPES = st.recursive(st.sampled_from(LEAVES), composites, max_leaves=12)


@st.composite
def interfaces(draw: st.DrawFn) -> Interface | None:
    if draw(st.booleans()):
        return None
    type_ = draw(TYPES)
    return Interface(draw(NAMES), draw(values(type_)), type_)


def values(type_: Type) -> st.SearchStrategy[Any]:
    match type_:
        case Struct():
            fields = {name: values(field) for name, field in type_.fields}
            return st.fixed_dictionaries({}, optional=fields)
        case Slice():
            return st.lists(values(type_.elem), max_size=4)
        case Array():
            return st.lists(values(type_.elem), min_size=type_.length, max_size=type_.length)
        case Map():
            return st.dictionaries(values(type_.key), values(type_.elem), max_size=4)
        case _ if type_ is INTERFACE:
            return interfaces()
    return SCALARS.get(type_, SCALARS[BYTES])


def without_zeros(type_: Type, value: Any) -> Any:
    """The value as the decoder gives it: gob leaves out the zero fields of structs."""
    match type_:
        case Struct():
            fields = {name: (field, value[name]) for name, field in type_.fields if name in value}
            return {
                name: without_zeros(field, item)
                for name, (field, item) in fields.items()
                if item
                or isinstance(
                    field, (Struct, Array, Map, GobEncoder, BinaryMarshaler, TextMarshaler)
                )
            }
        case Slice() | Array():
            return [without_zeros(type_.elem, element) for element in value]
        case Map():
            return {key: without_zeros(type_.elem, element) for key, element in value.items()}
        case _ if isinstance(value, Interface):
            assert value.type is not None
            return Interface(value.name, without_zeros(value.type, value.value))
    return value


@st.composite
def streams(draw: st.DrawFn) -> list[tuple[Type, Any]]:
    types = draw(st.lists(TYPES, min_size=1, max_size=4))
    return [(type_, draw(values(type_))) for type_ in types]


@settings(deadline=None, max_examples=80)
@given(stream=streams(), data=st.data())
def test_what_is_encoded_is_decoded(stream: list[tuple[Type, Any]], data: st.DataObject) -> None:
    encoder, decoder = Encoder(), Decoder()
    sent = b"".join(encoder.encode(type_, value) for type_, value in stream)
    cut = data.draw(st.integers(0, len(sent)))

    decoder.receive_data(sent[:cut])
    received = [decoder.next_value() for _ in stream]
    received = [value for value in received if value is not NEED_DATA]
    decoder.receive_data(sent[cut:])
    while (value := decoder.next_value()) is not NEED_DATA:
        received.append(value)

    assert received == [without_zeros(type_, value) for type_, value in stream]


@settings(deadline=None, max_examples=40)
@given(stream=streams())
def test_what_is_decoded_can_be_encoded_with_the_types_that_came_with_it(
    stream: list[tuple[Type, Any]],
) -> None:
    encoder, decoder = Encoder(), Decoder()
    again, proxy = Decoder(), Encoder()

    for type_, value in stream:
        decoder.receive_data(encoder.encode(type_, value))
        received = decoder.next_value()
        assert decoder.value_type is not None
        again.receive_data(proxy.encode(decoder.value_type, received))
        assert again.next_value() == received
