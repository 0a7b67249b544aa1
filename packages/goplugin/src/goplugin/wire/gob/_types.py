"""The types of gob, as this package's callers declare them and as a peer's definitions are read.

A type is compared by identity: two `Slice(STRING)` are two types, and a stream defines each of them. Declare a type once,
as a constant of a module, and use it for every value.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from goplugin.wire._errors import LocalProtocolError

TypeRef: TypeAlias = "Type | Callable[[], Type]"
"""A type, or a function that returns it: `lambda: node` inside `node: Struct = Struct(...)` makes a recursive type."""

_NAME_DEPTH = 4


class Type:
    """A gob type. `name` is for people: gob itself matches struct fields by name and everything else by kind."""

    __slots__ = ("__weakref__", "name")

    def __init__(self, name: str = "") -> None:
        self.name = name

    def __repr__(self) -> str:
        return describe(self)

    def parts(self) -> tuple[tuple[str, "Type"], ...]:
        """Name (of a struct's field, else empty) and type of each part, in the order of the definition."""
        return ()


class Basic(Type):
    """A kind that every stream knows: its id is never defined. Use the constants, `BOOL` to `INTERFACE`."""

    __slots__ = ()


BOOL = Basic("bool")
"""bool."""
INT = Basic("int")
"""int, -2**63 to 2**63 - 1: every signed integer of Go."""
UINT = Basic("uint")
"""int, 0 to 2**64 - 1: every unsigned integer of Go."""
FLOAT = Basic("float")
"""float: float32 and float64 of Go, always sent as 64 bits."""
BYTES = Basic("bytes")
"""bytes: []byte of Go."""
STRING = Basic("string")
"""str; bytes that are not UTF-8 travel as lone surrogates (`surrogateescape`)."""
COMPLEX = Basic("complex")
"""complex: complex64 and complex128 of Go."""
INTERFACE = Basic("interface")
"""`Interface`, or None for nil: any interface type of Go."""


class Struct(Type):
    """A struct: a mapping from field name to value, holding only the fields that are not zero.

    Args:
        name: The type's name, as in Go without its package.
        fields: Name and type of each exported field, in the order of declaration, which is the order on the wire.

    Raises:
        LocalProtocolError: Two fields have one name.
    """

    __slots__ = ("_fields",)

    def __init__(
        self, name: str, fields: Mapping[str, TypeRef] | Sequence[tuple[str, TypeRef]]
    ) -> None:
        super().__init__(name)
        self._fields = tuple(fields.items() if isinstance(fields, Mapping) else fields)
        names = [field_name for field_name, _ in self._fields]
        if len(set(names)) < len(names):
            raise LocalProtocolError(f"struct {name} declares a field twice: {', '.join(names)}")

    @property
    def fields(self) -> tuple[tuple[str, Type], ...]:
        """Name and type of each field, in order."""
        return tuple((name, resolve(type_ref)) for name, type_ref in self._fields)

    def parts(self) -> tuple[tuple[str, Type], ...]:
        return self.fields


class Slice(Type):
    """A slice: list (a tuple is accepted too). A slice of bytes is `BYTES` instead."""

    __slots__ = ("_elem",)

    def __init__(self, elem: TypeRef, name: str = "") -> None:
        super().__init__(name)
        self._elem = elem

    @property
    def elem(self) -> Type:
        """The type of an element."""
        return resolve(self._elem)

    def parts(self) -> tuple[tuple[str, Type], ...]:
        return (("", self.elem),)


class Array(Type):
    """An array of `length` elements: list (a tuple is accepted too), always with all of them."""

    __slots__ = ("_elem", "length")

    def __init__(self, length: int, elem: TypeRef, name: str = "") -> None:
        super().__init__(name)
        self.length = length
        self._elem = elem

    @property
    def elem(self) -> Type:
        """The type of an element."""
        return resolve(self._elem)

    def parts(self) -> tuple[tuple[str, Type], ...]:
        return (("", self.elem),)


class Map(Type):
    """A map: dict. An empty map is sent, an absent one (None) is not.

    Keys are hashable forms: a struct key is a tuple of its (name, value) pairs, an array key a tuple, an `Interface` key
    holds such a form. Each NaN is a key of its own, as in Go.
    """

    __slots__ = ("_elem", "_key")

    def __init__(self, key: TypeRef, elem: TypeRef, name: str = "") -> None:
        super().__init__(name)
        self._key = key
        self._elem = elem

    @property
    def key(self) -> Type:
        """The type of a key."""
        return resolve(self._key)

    @property
    def elem(self) -> Type:
        """The type of a value."""
        return resolve(self._elem)

    def parts(self) -> tuple[tuple[str, Type], ...]:
        return ("", self.key), ("", self.elem)


class Opaque(Type):
    """A type with an encoding of its own: bytes, which only the code of that type understands."""

    __slots__ = ()


class GobEncoder(Opaque):
    """A type that implements Go's gob.GobEncoder (time.Time and metav1.Time do): bytes, the result of GobEncode."""

    __slots__ = ()


class BinaryMarshaler(Opaque):
    """A type that implements Go's encoding.BinaryMarshaler: bytes, the result of MarshalBinary."""

    __slots__ = ()


class TextMarshaler(Opaque):
    """A type that implements Go's encoding.TextMarshaler: bytes, the result of MarshalText (Go itself sends none)."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Interface:
    """A value in an interface, with the name under which its concrete type is registered (Go: gob.Register).

    Attributes:
        name: The registered name, 1 to 1,024 bytes.
        value: The value, in the form of its type.
        type: The concrete type. Needed for encoding; decoded values carry the type that the peer defined. Two values are
            equal when name and value are.
    """

    name: str
    value: object
    type: Type | None = field(default=None, compare=False, repr=False)


def resolve(type_ref: TypeRef) -> Type:
    """The type that `type_ref` is or returns."""
    return type_ref if isinstance(type_ref, Type) else type_ref()


def describe(type_: Type, depth: int = _NAME_DEPTH) -> str:
    """The type in Go's notation, such as `map[string][]int`; `...` below `depth` levels."""
    if type_.name:
        return type_.name
    if depth == 0:
        return "..."
    match type_:
        case Slice():
            return f"[]{describe(type_.elem, depth - 1)}"
        case Array():
            return f"[{type_.length}]{describe(type_.elem, depth - 1)}"
        case Map():
            return f"map[{describe(type_.key, depth - 1)}]{describe(type_.elem, depth - 1)}"
    return type(type_).__name__


def collect(type_: Type, known: Container[Type]) -> dict[Type, tuple[tuple[str, Type], ...]]:
    """The type and all that it is made of, without what is in `known` and what that is made of; each with its parts."""
    found: dict[Type, tuple[tuple[str, Type], ...]] = {}
    waiting = [type_]
    while waiting:
        current = waiting.pop()
        if current not in found and current not in known:
            found[current] = current.parts()
            waiting += (part for _, part in reversed(found[current]))
    return found
