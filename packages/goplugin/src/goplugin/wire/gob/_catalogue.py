"""The types of one incoming stream: those that every stream knows and those the peer has defined, with their readers."""

from collections.abc import Callable, Iterable

from goplugin.wire._limits import Limits
from goplugin.wire.gob import _readers
from goplugin.wire.gob._budget import Budget
from goplugin.wire.gob._numbers import MalformedError, read_int, read_uint
from goplugin.wire.gob._readers import Parts, Reader
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
    Interface,
    Map,
    Slice,
    Struct,
    Type,
)
from goplugin.wire.gob._wiretypes import (
    BUILTINS,
    FIRST_USER_ID,
    LAST_ID,
    WIRE_TYPE,
    DefinitionError,
    read_definition,
)

LONGEST_TYPE_NAME = 1024  # Go: decodeInterface

_BASIC: dict[Type, Reader] = {
    BOOL: _readers.read_bool,
    INT: _readers.read_signed,
    UINT: _readers.read_unsigned,
    FLOAT: _readers.read_double,
    BYTES: _readers.read_bytes,
    STRING: _readers.read_string,
    COMPLEX: _readers.read_complex,
}


class _UndefinedTypeError(Exception):
    """A type id that no definition has introduced."""


class Catalogue:
    """Types by id, and readers by type.

    Attributes:
        budget: The bounds of the value being read.
        chunk_end: Where the counted run of bytes ends that is being read: the message, or the contents of the innermost
            interface up to the next type definition in it. Go's decoder ignores these counts; here they are checked.
    """

    def __init__(self, limits: Limits) -> None:
        self.budget = Budget(limits)
        self.chunk_end = 0
        self._limits = limits
        self._types = dict(BUILTINS)
        self._definition_bytes = 0
        self._readers: dict[Type, Reader] = {**_BASIC, INTERFACE: self.read_interface}
        self._crossing: set[Type] = {INTERFACE}
        self._bodies: dict[int, Reader] = {}
        self._definition_reader = self.reader(WIRE_TYPE)

    def define(self, type_id: int, data: bytes, pos: int) -> int:
        """Read the definition of `type_id` at `pos`; returns the position after it (Go: Decoder.recvType)."""
        if not FIRST_USER_ID <= type_id <= LAST_ID:
            raise MalformedError(
                pos, f"a definition of type id {type_id}, expected {FIRST_USER_ID} to {LAST_ID}"
            )
        if type_id in self._types:
            raise MalformedError(pos, f"type id {type_id} is defined twice")
        if len(self._types) - len(BUILTINS) >= self._limits.gob_types:
            raise MalformedError(
                pos, f"more than {self._limits.gob_types} type definitions on one stream"
            )
        wire, end = self._definition_reader(data, pos, 1)
        self._definition_bytes += end - pos
        if self._definition_bytes > self._limits.gob_definition_bytes:
            raise MalformedError(
                pos,
                f"more than {self._limits.gob_definition_bytes} bytes of type definitions on one stream",
            )
        assert isinstance(wire, dict)  # noqa: S101 - the form of a struct, told to the type checker
        try:
            self._types[type_id] = read_definition(wire, self._reference, self._limits.gob_fields)
        except DefinitionError as error:
            raise MalformedError(pos, str(error)) from None
        return end

    def type_of(self, type_id: int, pos: int) -> Type:
        """The type `type_id` of a value at `pos`, with all the types it is made of ready to be read."""
        try:
            type_ = self._find(type_id)
            self.reader(type_)
        except _UndefinedTypeError as error:
            raise MalformedError(pos, str(error)) from None
        return type_

    def crosses(self, type_: Type) -> bool:
        """Whether values of the type, known to `type_of`, can hold interfaces: only these go on in another message."""
        return type_ in self._crossing

    def body(self, type_id: int, pos: int) -> Reader:
        """The reader of a value that stands for itself: a message's or an interface's."""
        body = self._bodies.get(type_id)
        if body is None:
            type_ = self.type_of(type_id, pos)
            read = self._readers[type_]
            body = read if isinstance(type_, Struct) else _readers.singleton_reader(read)
            self._bodies[type_id] = body
        return body

    def reader(self, type_: Type) -> Reader:
        """The reader of values of the type inside other values."""
        if type_ not in self._readers:
            self._compile(type_)
        return self._readers[type_]

    def read_interface(self, data: bytes, pos: int, depth: int) -> tuple[Interface | None, int]:
        """An interface inside an interface's contents, which lie in one message (Go: decodeInterface)."""
        if depth > self.budget.max_depth:
            raise self.budget.too_deep(pos)
        name, pos = read_name(data, pos)
        if not name:
            return None, pos
        type_id, pos = read_int(data, pos)
        while type_id < 0:
            pos = self.define_at_chunk_end(-type_id, data, pos)
            count, pos = read_uint(data, pos)
            self.chunk_end = pos + count
            type_id, pos = read_int(data, pos)
        return self.read_contents(name, type_id, data, pos, depth)

    def define_at_chunk_end(self, type_id: int, data: bytes, pos: int) -> int:
        """`define`, in an interface: the definition is the last of its counted run of bytes."""
        end = self.define(type_id, data, pos)
        self._check_chunk_end(end, "a type definition")
        return end

    def read_contents(
        self, name: str, type_id: int, data: bytes, pos: int, depth: int
    ) -> tuple[Interface, int]:
        """What follows name and type id of an interface: a count, then the value."""
        read = self.body(type_id, pos)
        count, pos = read_uint(data, pos)
        outer, self.chunk_end = self.chunk_end, pos + count
        value, pos = read(data, pos, depth + 1)
        self._check_chunk_end(pos, "an interface's value")
        self.chunk_end = outer
        return Interface(name, value, self._types[type_id]), pos

    def _check_chunk_end(self, pos: int, what: str) -> None:
        if pos != self.chunk_end:
            raise MalformedError(
                pos, f"{what} ends at byte {pos} of its message, {self.chunk_end} by its count"
            )

    def _find(self, type_id: int) -> Type:
        try:
            return self._types[type_id]
        except KeyError:
            raise _UndefinedTypeError(f"type id {type_id} is not defined") from None

    def _reference(self, type_id: int) -> Callable[[], Type]:
        return lambda: self._find(type_id)

    def _compile(self, type_: Type) -> None:
        """Make the readers of the type and of all that it is made of, as far as they are missing."""
        children = self._collect(type_)
        parts: dict[Type, Parts] = {found: [] for found in children}
        for found, found_parts in parts.items():
            self._readers[found] = self._make(found, found_parts)
        for found, found_parts in parts.items():
            names: Iterable[str] = (
                (name for name, _ in found.fields) if isinstance(found, Struct) else ("", "")
            )
            found_parts += [
                (name, self._readers[child])
                for name, child in zip(names, children[found], strict=False)
            ]
        self._mark_crossing(children)

    def _collect(self, type_: Type) -> dict[Type, list[Type]]:
        """The types without readers among `type_` and what it is made of, with their parts."""
        children: dict[Type, list[Type]] = {}
        waiting = [type_]
        while waiting:
            found = waiting.pop()
            if found not in children and found not in self._readers:
                children[found] = found.children()
                waiting += children[found]
        return children

    def _make(self, type_: Type, parts: Parts) -> Reader:
        match type_:
            case Struct():
                return _readers.struct_reader(parts, self.budget)
            case Slice():
                return _readers.sequence_reader(parts, self.budget)
            case Array():
                return _readers.sequence_reader(parts, self.budget, type_.length)
            case Map():
                return _readers.map_reader(parts, self.budget)
        return _readers.read_bytes

    def _mark_crossing(self, children: dict[Type, list[Type]]) -> None:
        """Find which of the new types hold interfaces: from those that hold them outright upwards."""
        holders: dict[Type, list[Type]] = {}
        for holder, parts in children.items():
            for part in parts:
                holders.setdefault(part, []).append(holder)
        waiting = [part for part in holders if part in self._crossing]
        while waiting:
            for holder in holders.get(waiting.pop(), ()):
                if holder not in self._crossing:
                    self._crossing.add(holder)
                    waiting.append(holder)


def read_name(data: bytes, pos: int) -> tuple[str, int]:
    """The registered name at `pos`, empty for a nil interface, and the position after it."""
    size, start = read_uint(data, pos)
    if size > LONGEST_TYPE_NAME:
        raise MalformedError(
            pos, f"a type's name has {size} bytes, expected at most {LONGEST_TYPE_NAME}"
        )
    return data[start : start + size].decode("utf-8", "surrogateescape"), start + size
