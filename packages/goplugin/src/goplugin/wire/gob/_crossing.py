"""Reading a value that spans messages.

Go's encoder ends the message it is writing when an interface in it holds a type that was not sent yet: the definition is the
last of that message, and the value goes on in the next one. Whether a message is the last of its value is known only by
reading it. These readers are generators that wait for the next message where they stand, so that a value in a thousand
messages is read once, however slowly they come. They are used for values with interfaces only, outside of interfaces: what
an interface holds lies in one message, and so does everything else.
"""

from collections.abc import Generator
from typing import TypeAlias

from goplugin.wire.gob._catalogue import Catalogue, read_name
from goplugin.wire.gob._numbers import MalformedError, read_int, read_uint
from goplugin.wire.gob._readers import hashable, no_such_field, read_delta, wrong_length
from goplugin.wire.gob._types import Array, Interface, Map, Slice, Struct, Type

Reading: TypeAlias = Generator[None, bytes, object]
"""A value being read: each `next` or `send` takes the next message, the return is the value."""


class CrossingReader:
    """Reads one value from the messages it is sent.

    Attributes:
        data: The message being read.
        pos: The position in it.
    """

    def __init__(self, catalogue: Catalogue, data: bytes, pos: int) -> None:
        self.data = data
        self.pos = pos
        self._catalogue = catalogue
        self._readers = catalogue.readers
        self._budget = catalogue.budget

    def read(self, type_: Type) -> Reading:
        """A value of the type that stands for itself, at `pos`."""
        if not isinstance(type_, Struct):
            if self.data[self.pos]:
                raise MalformedError(
                    self.pos,
                    "a value that is no struct begins with a field number, expected a zero",
                )
            self.pos += 1
        return (yield from self._value(type_, 1))

    def _value(self, type_: Type, depth: int) -> Reading:
        if not self._readers.crosses(type_):
            value, self.pos = self._readers.get(type_)(self.data, self.pos, depth)
            return value
        if depth > self._budget.max_depth:
            raise self._budget.too_deep(self.pos)
        match type_:
            case Struct():
                return (yield from self._struct(type_, depth))
            case Slice():
                return (yield from self._sequence(type_.elem, None, depth))
            case Array():
                return (yield from self._sequence(type_.elem, type_.length, depth))
            case Map():
                return (yield from self._map(type_, depth))
        return (yield from self._interface(depth))

    def _struct(self, type_: Struct, depth: int) -> Reading:
        self._budget.spend(1, self.pos)
        fields = type_.fields
        value: dict[str, object] = {}
        number = -1
        while self.data[self.pos]:
            delta, self.pos = read_delta(self.data, self.pos)
            number += delta
            if number >= len(fields):
                raise no_such_field(self.pos, number, len(fields))
            self._budget.spend(1, self.pos)
            name, field = fields[number]
            value[name] = yield from self._value(field, depth + 1)
        self.pos += 1
        return value

    def _sequence(self, elem: Type, length: int | None, depth: int) -> Reading:
        count = self._count()
        if length is not None and count != length:
            raise wrong_length(self.pos, count, length)
        self._budget.spend(count, self.pos)
        value = []
        for _ in range(count):
            value.append((yield from self._value(elem, depth + 1)))  # noqa: PERF401 - a yield in it
        return value

    def _map(self, type_: Map, depth: int) -> Reading:
        count = self._count()
        self._budget.spend(2 * count, self.pos)
        key_type, elem_type = type_.key, type_.elem
        value: dict[object, object] = {}
        for _ in range(count):
            key = yield from self._value(key_type, depth + 1)
            value[hashable(key)] = yield from self._value(elem_type, depth + 1)
        return value

    def _interface(self, depth: int) -> Generator[None, bytes, Interface | None]:
        name, self.pos = read_name(self.data, self.pos)
        if not name:
            return None
        type_id, self.pos = read_int(self.data, self.pos)
        while type_id < 0:
            self._catalogue.define_at_chunk_end(-type_id, self.data, self.pos)
            self.data = yield
            type_id, self.pos = read_int(self.data, 0)
        value, self.pos = self._catalogue.read_contents(name, type_id, self.data, self.pos, depth)
        return value

    def _count(self) -> int:
        count, self.pos = read_uint(self.data, self.pos)
        return count
