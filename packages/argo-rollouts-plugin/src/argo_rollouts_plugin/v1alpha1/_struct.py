"""One declaration of a Go struct gives its class, its gob schema and its readers and writers.

A subclass of `GoStruct` is a frozen dataclass whose fields, declared in Go's order, carry a
`GoField`: Go's field name and how values travel. Go matches gob fields by name alone, so a struct
may leave out fields that no plugin needs; what arrives beyond the declaration is kept in `extra`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Final, Self, TypeVar, cast

from goplugin.wire import gob

_METADATA_KEY: Final = "argo_rollouts_plugin.go"
_EMPTY: Final[tuple[object, ...]] = ((), {})
_JSON_NAME: Final = re.compile(r"^[A-Z]+(?=[A-Z][a-z]|$)|^[A-Z]")

_StructT = TypeVar("_StructT", bound="GoStruct")
Convert = Callable[[Any], Any]


class SchemaError(ValueError):
    """A value does not have the shape that the v1alpha1 type declares.

    The message names the Go type and field, what was found and what was expected.
    """


@dataclass(frozen=True, slots=True)
class GoField:
    """How one field of a Go struct travels.

    Attributes:
        go_name: the field's name in Go, which is its name in gob.
        gob_type: its gob type.
        decode: from the decoded gob value to the attribute; raises ValueError or SchemaError.
        encode: from the attribute to what `gob.Encoder` takes.
        read_json: from the JSON value to the attribute; raises ValueError or SchemaError.
        json_alias: the name in Kubernetes' JSON where Go's tag departs from the usual rule.
    """

    go_name: str
    gob_type: gob.Type
    decode: Convert
    encode: Convert
    read_json: Convert
    json_alias: str = ""

    @property
    def json_name(self) -> str:
        """The name in Kubernetes' JSON: `ownerReferences`, `apiVersion`, `uid`, `ttlStrategy`."""
        return self.json_alias or _JSON_NAME.sub(lambda match: match[0].lower(), self.go_name)

    def metadata(self) -> dict[str, object]:
        """The dataclass metadata that carries this declaration."""
        return {_METADATA_KEY: self}


Table = Mapping[str, tuple[str, GoField]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoStruct:
    """Base of the v1alpha1 types, each decorated with `go_struct` and `dataclass`.

    Attributes:
        extra: fields that this version does not declare, by Go name, as the gob decoder gave them.
            They are written again only where the schema declares their type.
        undeclared: gob types of fields that are read into `extra` alone.
    """

    undeclared: ClassVar[Mapping[str, gob.Type]] = {}
    _by_go_name: ClassVar[Table] = {}
    _by_json_name: ClassVar[Table] = {}
    _gob_type: ClassVar[gob.Struct] = gob.Struct("GoStruct", ())

    extra: Mapping[str, object] = field(default_factory=dict, repr=False)

    @classmethod
    def gob_type(cls) -> gob.Struct:
        """The gob schema of this type: its declared fields in Go's order."""
        return cls._gob_type

    @classmethod
    def from_gob(cls, value: object) -> Self:
        """Reads a decoded gob struct: a mapping that holds only the fields sent.

        Raises:
            SchemaError: the value or one of its fields has another shape than declared.
        """
        return cast("Self", _read(cls, value, cls._by_go_name, _decoder))

    def to_gob(self) -> dict[str, object]:
        """The mapping that `gob.Encoder` takes with `gob_type()`; unset fields are left out.

        Raises:
            SchemaError: an attribute is of another type than declared, or a time has no zone.
        """
        sent = {name: self.extra[name] for name in self.undeclared if name in self.extra}
        for name, (attribute, go) in self._by_go_name.items():
            value = getattr(self, attribute)
            if value is not None and value not in _EMPTY:
                sent[name] = _converted(type(self), go, go.encode, value)
        return sent

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Reads Kubernetes' JSON form, as `json.load` gives it.

        Raises:
            SchemaError: the value or one of its fields has another shape than declared.
        """
        return cast("Self", _read(cls, value, cls._by_json_name, _json_reader))


def _decoder(go: GoField) -> Convert:
    return go.decode


def _json_reader(go: GoField) -> Convert:
    return go.read_json


def go_struct(cls: type[_StructT]) -> type[_StructT]:
    """Makes a dataclass of `GoField`s a Go struct of the same name."""
    table = {
        (go := item.metadata[_METADATA_KEY]).go_name: (item.name, go)
        for item in fields(cls)
        if _METADATA_KEY in item.metadata
    }
    declared = {name: go.gob_type for name, (_, go) in table.items()}
    cls._by_go_name = table
    cls._by_json_name = {go.json_name: (name, go) for name, go in table.values()}
    cls._gob_type = gob.Struct(cls.__name__, declared | dict(cls.undeclared))
    return cls


def _read(
    cls: type[GoStruct], value: object, table: Table, reader: Callable[[GoField], Convert]
) -> GoStruct:
    if not isinstance(value, Mapping):
        raise SchemaError(f"{cls.__name__}: expected a struct, found {type(value).__name__}")
    attributes: dict[str, Any] = {}
    extra: dict[str, object] = {}
    for name, sent in value.items():
        known = table.get(name)
        if known is None:
            extra[name] = sent
            continue
        attribute, go = known
        attributes[attribute] = _converted(cls, go, reader(go), sent)
    return cls(extra=extra, **attributes)


def _converted(cls: type[GoStruct], go: GoField, convert: Convert, value: object) -> object:
    try:
        return convert(value)
    except ValueError as error:
        raise SchemaError(f"{cls.__name__}.{go.go_name}: {error}") from error
