"""The types of one incoming stream: those that every stream knows and those the peer has defined, with their readers."""

from collections.abc import Callable

from goplugin.wire._limits import Limits
from goplugin.wire.gob._budget import Budget
from goplugin.wire.gob._numbers import MalformedError, read_int, read_uint
from goplugin.wire.gob._reader_table import ReaderTable
from goplugin.wire.gob._readers import Reader, singleton_reader
from goplugin.wire.gob._types import Interface, Struct, Type
from goplugin.wire.gob._wiretypes import (
    BUILTINS,
    FIRST_USER_ID,
    LAST_ID,
    LONGEST_TYPE_NAME,
    WIRE_TYPE,
    DefinitionError,
    read_definition,
)


class _UndefinedTypeError(Exception):
    """A type id that no definition has introduced."""


class Catalogue:
    """Types by id, and readers by type.

    Attributes:
        budget: The bounds of the value being read.
        readers: The readers of the types of values inside other values.
        chunk_end: Where the counted run of bytes ends that is being read: the message, or the contents of the innermost
            interface up to the next type definition in it. Go's decoder ignores these counts; here they are checked.
    """

    def __init__(self, limits: Limits) -> None:
        self.budget = Budget(limits)
        self.chunk_end = 0
        self._limits = limits
        self._types = dict(BUILTINS)
        self._definition_bytes = 0
        self._bodies: dict[int, Reader] = {}
        self.readers = ReaderTable(self.budget, self.read_interface)
        self._read_definition = self.readers.get(WIRE_TYPE)

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
        wire, end = self._read_definition(data, pos, 1)
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
            self.readers.get(type_)
        except _UndefinedTypeError as error:
            raise MalformedError(pos, str(error)) from None
        return type_

    def body(self, type_id: int, pos: int) -> Reader:
        """The reader of a value that stands for itself: a message's or an interface's."""
        body = self._bodies.get(type_id)
        if body is None:
            type_ = self.type_of(type_id, pos)
            read = self.readers.get(type_)
            body = read if isinstance(type_, Struct) else singleton_reader(read)
            self._bodies[type_id] = body
        return body

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


def read_name(data: bytes, pos: int) -> tuple[str, int]:
    """The registered name at `pos`, empty for a nil interface, and the position after it."""
    size, start = read_uint(data, pos)
    if size > LONGEST_TYPE_NAME:
        raise MalformedError(
            pos, f"a type's name has {size} bytes, expected at most {LONGEST_TYPE_NAME}"
        )
    return data[start : start + size].decode("utf-8", "surrogateescape"), start + size
