"""The kinds of fields that the v1alpha1 structs are made of.

Each function declares a dataclass field with Go's name for it. In gob a zero value and a nil
pointer are both left out, so an `optional_*` field that holds its zero value arrives as None.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any, Final, TypeVar

from goplugin.wire import gob

from ._lazy import LazySequence
from ._phase import AnalysisPhase
from ._struct import Convert, GoField, GoStruct, SchemaError
from ._time import time_from_gob, time_from_json, time_to_gob

_StructT = TypeVar("_StructT", bound=GoStruct)

TIME: Final = gob.GobEncoder("Time")
STRING_MAP: Final = gob.Map(gob.STRING, gob.STRING)
_STRINGS: Final = gob.Slice(gob.STRING)
_RAW_JSON_MAP: Final = gob.Map(gob.STRING, gob.BYTES)
_INT_OR_STRING: Final = gob.Struct(
    "IntOrString", (("Type", gob.INT), ("IntVal", gob.INT), ("StrVal", gob.STRING))
)
_STRING_TYPE: Final = 1


def _checked(kind: type[Any]) -> Convert:
    def check(value: object) -> object:
        if type(value) is not kind:
            raise SchemaError(f"expected {kind.__name__}, found {type(value).__name__}")
        return value

    return check


_text: Final = _checked(str)
_integer: Final = _checked(int)
_flag: Final = _checked(bool)
_bytes: Final = _checked(bytes)


def _scalar(go_name: str, gob_type: gob.Type, check: Convert) -> dict[str, object]:
    return GoField(go_name, gob_type, check, check, check).metadata()


def text(go_name: str) -> str:
    """A Go string."""
    return field(default="", metadata=_scalar(go_name, gob.STRING, _text))


def integer(go_name: str) -> int:
    """A Go int, int32 or int64: in gob they are all the same."""
    return field(default=0, metadata=_scalar(go_name, gob.INT, _integer))


def flag(go_name: str) -> bool:
    """A Go bool."""
    return field(default=False, metadata=_scalar(go_name, gob.BOOL, _flag))


def optional_text(go_name: str) -> str | None:
    """A Go *string. Not shown in `repr`, since an argument's value may come from a Secret."""
    return field(default=None, repr=False, metadata=_scalar(go_name, gob.STRING, _text))


def optional_integer(go_name: str) -> int | None:
    """A Go *int32 or *int64."""
    return field(default=None, metadata=_scalar(go_name, gob.INT, _integer))


def optional_flag(go_name: str) -> bool | None:
    """A Go *bool."""
    return field(default=None, metadata=_scalar(go_name, gob.BOOL, _flag))


def phase(go_name: str) -> AnalysisPhase:
    """A Go AnalysisPhase."""

    def read(value: object) -> AnalysisPhase:
        return AnalysisPhase(_text(value))

    go = GoField(go_name, gob.STRING, read, str, read)
    return field(default=AnalysisPhase.UNSET, metadata=go.metadata())


def time(go_name: str) -> datetime | None:
    """A Go metav1.Time or *metav1.Time; the zero time is None."""

    def decode(value: object) -> datetime | None:
        return time_from_gob(_bytes(value))

    def read_json(value: object) -> datetime | None:
        return None if value is None else time_from_json(_text(value))

    go = GoField(go_name, TIME, decode, time_to_gob, read_json)
    return field(default=None, metadata=go.metadata())


def int_or_string(go_name: str) -> int | str | None:
    """A Go *intstr.IntOrString (k8s.io/apimachinery pkg/util/intstr)."""

    def decode(value: object) -> int | str:
        if not isinstance(value, dict):
            raise SchemaError(f"expected a struct, found {type(value).__name__}")
        if value.get("Type", 0) == _STRING_TYPE:
            return str(_text(value.get("StrVal", "")))
        return int(_integer(value.get("IntVal", 0)))

    def encode(value: int | str) -> dict[str, object]:
        if isinstance(value, str):
            return {"Type": _STRING_TYPE, "StrVal": value}
        return {"IntVal": value}

    def read_json(value: object) -> int | str | None:
        if value is None or (isinstance(value, int | str) and not isinstance(value, bool)):
            return value
        raise SchemaError(f"expected int or string, found {type(value).__name__}")

    go = GoField(go_name, _INT_OR_STRING, decode, encode, read_json)
    return field(default=None, metadata=go.metadata())


def texts(go_name: str) -> tuple[str, ...]:
    """A Go []string."""

    def read(value: object) -> tuple[str, ...]:
        return tuple(_text(item) for item in _items(value))

    go = GoField(go_name, _STRINGS, read, list, read)
    return field(default=(), metadata=go.metadata())


def text_map(go_name: str, *, shown: bool = True) -> Mapping[str, str]:
    """A Go map[string]string; `shown` says whether `repr` may tell its values."""

    def read(value: object) -> dict[str, str]:
        return {_text(key): _text(item) for key, item in _entries(value)}

    go = GoField(go_name, STRING_MAP, read, read, read)
    return field(default_factory=dict, repr=shown, metadata=go.metadata())


def raw_json_map(go_name: str) -> Mapping[str, bytes]:
    """A Go map[string]json.RawMessage. Not shown in `repr`: a stanza may carry a token."""

    def decode(value: object) -> dict[str, bytes]:
        return {_text(key): _bytes(item) for key, item in _entries(value)}

    def read_json(value: object) -> dict[str, bytes]:
        return {_text(key): json.dumps(item).encode() for key, item in _entries(value)}

    go = GoField(go_name, _RAW_JSON_MAP, decode, decode, read_json)
    return field(default_factory=dict, repr=False, metadata=go.metadata())


def nested(go_name: str, cls: type[_StructT], json_alias: str = "") -> _StructT:
    """A Go struct within a struct."""
    go = GoField(go_name, cls.gob_type(), cls.from_gob, _to_gob, cls.from_json, json_alias)
    return field(default_factory=cls, metadata=go.metadata())


def optional(go_name: str, cls: type[_StructT]) -> _StructT | None:
    """A Go pointer to a struct."""

    def read_json(value: object) -> _StructT | None:
        return None if value is None else cls.from_json(value)

    go = GoField(go_name, cls.gob_type(), cls.from_gob, _to_gob, read_json)
    return field(default=None, metadata=go.metadata())


def objects(go_name: str, cls: type[_StructT]) -> Sequence[_StructT]:
    """A Go slice of structs; from gob, its elements are converted when they are looked at."""

    def decode(value: object) -> Sequence[_StructT]:
        return LazySequence(_items(value), cls.from_gob)

    def encode(value: Iterable[GoStruct]) -> list[dict[str, object]]:
        return [item.to_gob() for item in value]

    def read_json(value: object) -> Sequence[_StructT]:
        return tuple(map(cls.from_json, _items(value)))

    go = GoField(go_name, gob.Slice(cls.gob_type()), decode, encode, read_json)
    return field(default=(), metadata=go.metadata())


def _to_gob(value: GoStruct) -> dict[str, object]:
    return value.to_gob()


def _items(value: object) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise SchemaError(f"expected a list, found {type(value).__name__}")
    return value


def _entries(value: object) -> Iterable[tuple[object, object]]:
    if value is None:
        return ()
    if not isinstance(value, dict):
        raise SchemaError(f"expected a map, found {type(value).__name__}")
    return value.items()
