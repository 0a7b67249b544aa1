"""How gob describes types in gob: the types that every stream knows, and definitions as values of them.

Source: Go's encoding/gob/type.go (wireType and the structs it holds; the ids are checked in its init).
"""

from collections.abc import Callable, Mapping
from typing import Any

from goplugin.wire.gob._types import (
    BOOL,
    BYTES,
    COMPLEX,
    FLOAT,
    INT,
    INTERFACE,
    STRING,
    UINT,
    Array,
    BinaryMarshaler,
    GobEncoder,
    Map,
    Opaque,
    Slice,
    Struct,
    TextMarshaler,
    Type,
    describe,
)

FIRST_USER_ID = 64
LAST_ID = 2**31 - 1  # typeId is an int32
LONGEST_TYPE_NAME = 1024  # Go: decodeInterface

_COMMON = Struct("CommonType", {"Name": STRING, "Id": INT})
_ARRAY = Struct("arrayType", {"CommonType": _COMMON, "Elem": INT, "Len": INT})
_SLICE = Struct("sliceType", {"CommonType": _COMMON, "Elem": INT})
_FIELD = Struct("fieldType", {"Name": STRING, "Id": INT})
_FIELDS = Slice(_FIELD)
_STRUCT = Struct("structType", {"CommonType": _COMMON, "Field": _FIELDS})
_MAP = Struct("mapType", {"CommonType": _COMMON, "Key": INT, "Elem": INT})
_OPAQUE = Struct("gobEncoderType", {"CommonType": _COMMON})

WIRE_TYPE = Struct(
    "wireType",
    {
        "ArrayT": _ARRAY,
        "SliceT": _SLICE,
        "StructT": _STRUCT,
        "MapT": _MAP,
        "GobEncoderT": _OPAQUE,
        "BinaryMarshalerT": _OPAQUE,
        "TextMarshalerT": _OPAQUE,
    },
)

BUILTINS: dict[int, Type] = {
    1: BOOL,
    2: INT,
    3: UINT,
    4: FLOAT,
    5: BYTES,
    6: STRING,
    7: COMPLEX,
    8: INTERFACE,
    16: WIRE_TYPE,
    17: _ARRAY,
    18: _COMMON,
    19: _SLICE,
    20: _STRUCT,
    21: _FIELD,
    22: _FIELDS,
    23: _MAP,
    24: _OPAQUE,
}

_OPAQUE_KINDS: dict[str, type[Opaque]] = {
    "GobEncoderT": GobEncoder,
    "BinaryMarshalerT": BinaryMarshaler,
    "TextMarshalerT": TextMarshaler,
}


class DefinitionError(Exception):
    """A definition that describes no type; the message is the rule it breaks."""


def read_definition(
    wire: Mapping[str, Any], lookup: Callable[[int], Callable[[], Type]], max_fields: int
) -> Type:
    """The type that a decoded wireType value describes.

    Args:
        wire: A value of `WIRE_TYPE`, in the form the decoder gives.
        lookup: From a type id to a function that returns its type; types may be defined after those that use them.
        max_fields: Most fields of a struct.

    Raises:
        DefinitionError: The value describes no type, or one that breaks a rule.
    """
    if len(wire) != 1:
        raise DefinitionError(
            f"a type definition describes {len(wire)} types, expected exactly one"
        )
    ((kind, body),) = wire.items()
    name = body.get("CommonType", {}).get("Name", "")
    if kind == "StructT":
        return Struct(name, _read_fields(body.get("Field", []), lookup, max_fields))
    if kind == "MapT":
        return Map(lookup(body.get("Key", 0)), lookup(body.get("Elem", 0)), name)
    if kind == "SliceT":
        return Slice(lookup(body.get("Elem", 0)), name)
    if kind == "ArrayT":
        length = body.get("Len", 0)
        if length < 0:
            raise DefinitionError(f"an array type has the length {length}, expected 0 or more")
        return Array(length, lookup(body.get("Elem", 0)), name)
    return _OPAQUE_KINDS[kind](name)


def _read_fields(
    wire_fields: list[Mapping[str, Any]],
    lookup: Callable[[int], Callable[[], Type]],
    max_fields: int,
) -> dict[str, Callable[[], Type]]:
    if len(wire_fields) > max_fields:
        raise DefinitionError(
            f"a struct type has {len(wire_fields)} fields, expected at most {max_fields}"
        )
    fields: dict[str, Callable[[], Type]] = {}
    for wire_field in wire_fields:
        name = wire_field.get("Name", "")
        if not name:
            raise DefinitionError("a field of a struct type has no name")
        if name in fields:
            raise DefinitionError("a struct type has two fields of one name")
        fields[name] = lookup(wire_field.get("Id", 0))
    return fields


def write_definition(type_: Type, type_id: int, id_of: Callable[[Type], int]) -> dict[str, Any]:
    """`type_` as a value of `WIRE_TYPE`.

    Args:
        type_: Any type but a `Basic` one.
        type_id: Its id.
        id_of: The id of each type it is made of.
    """
    body: dict[str, Any] = {"CommonType": {"Name": describe(type_), "Id": type_id}}
    match type_:
        case Struct():
            body["Field"] = [{"Name": name, "Id": id_of(field)} for name, field in type_.fields]
            return {"StructT": body}
        case Map():
            return {"MapT": {**body, "Key": id_of(type_.key), "Elem": id_of(type_.elem)}}
        case Slice():
            return {"SliceT": {**body, "Elem": id_of(type_.elem)}}
        case Array():
            return {"ArrayT": {**body, "Elem": id_of(type_.elem), "Len": type_.length}}
        case GobEncoder():
            return {"GobEncoderT": body}
        case BinaryMarshaler():
            return {"BinaryMarshalerT": body}
    return {"TextMarshalerT": body}
