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


Readers = Mapping[str, tuple[str, Convert]]
"""By the name of a field: its attribute, and what makes the attribute's value of the sent one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoStruct:
    """Base of the v1alpha1 types, each decorated with `go_struct` and `dataclass`.

    Attributes:
        extra: fields that this version does not declare, by Go name, as the gob decoder gave them.
            They are written again only where the schema declares their type.
        undeclared: gob types of fields that are read into `extra` alone.
    """

    undeclared: ClassVar[Mapping[str, gob.Type]] = {}
    _gob_readers: ClassVar[Readers] = {}
    _json_readers: ClassVar[Readers] = {}
    _gob_writers: ClassVar[Readers] = {}
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
        return cast("Self", _read(cls, value, cls._gob_readers))

    def to_gob(self) -> dict[str, object]:
        """The mapping that `gob.Encoder` takes with `gob_type()`; unset fields are left out.

        Raises:
            SchemaError: an attribute is of another type than declared, or a time has no zone.
        """
        sent = {name: self.extra[name] for name in self.undeclared if name in self.extra}
        name = ""
        try:
            for name, (attribute, encode) in self._gob_writers.items():
                value = getattr(self, attribute)
                if value is not None and value not in _EMPTY:
                    sent[name] = encode(value)
        except ValueError as error:
            raise SchemaError(f"{type(self).__name__}.{name}: {error}") from error
        return sent

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Reads Kubernetes' JSON form, as `json.load` gives it.

        Raises:
            SchemaError: the value or one of its fields has another shape than declared.
        """
        return cast("Self", _read(cls, value, cls._json_readers))


def go_struct(cls: type[_StructT]) -> type[_StructT]:
    """Makes a dataclass of `GoField`s a Go struct of the same name."""
    declared: list[tuple[str, GoField]] = [
        (item.name, item.metadata[_METADATA_KEY])
        for item in fields(cls)
        if _METADATA_KEY in item.metadata
    ]
    cls._gob_readers = {go.go_name: (attribute, go.decode) for attribute, go in declared}
    cls._json_readers = {go.json_name: (attribute, go.read_json) for attribute, go in declared}
    cls._gob_writers = {go.go_name: (attribute, go.encode) for attribute, go in declared}
    gob_types = {go.go_name: go.gob_type for _, go in declared}
    cls._gob_type = gob.Struct(cls.__name__, gob_types | dict(cls.undeclared))
    return cls


def _read(cls: type[GoStruct], value: object, readers: Readers) -> GoStruct:
    if not isinstance(value, dict):
        raise SchemaError(f"{cls.__name__}: expected a struct, found {type(value).__name__}")
    attributes: dict[str, Any] = {"extra": {}}
    name = ""
    try:
        for name, sent in value.items():
            known = readers.get(name)
            if known is None:
                attributes["extra"][name] = sent
            else:
                attribute, convert = known
                attributes[attribute] = convert(sent)
    except ValueError as error:
        raise SchemaError(f"{cls.__name__}.{name}: {error}") from error
    return cls(**attributes)
