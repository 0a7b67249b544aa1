"""Which reader reads which type: made when a type is first met, with those of all that it is made of."""

from goplugin.wire.gob import _readers
from goplugin.wire.gob._budget import Budget
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
    Map,
    Slice,
    Struct,
    Type,
    collect,
)

_BASIC: dict[Type, Reader] = {
    BOOL: _readers.read_bool,
    INT: _readers.read_signed,
    UINT: _readers.read_unsigned,
    FLOAT: _readers.read_double,
    BYTES: _readers.read_bytes,
    STRING: _readers.read_string,
    COMPLEX: _readers.read_complex,
}


class ReaderTable:
    """The readers of one stream.

    Args:
        budget: The bounds the readers keep.
        read_interface: The reader of interfaces, which needs the stream's types.
    """

    def __init__(self, budget: Budget, read_interface: Reader) -> None:
        self._budget = budget
        self._readers: dict[Type, Reader] = {**_BASIC, INTERFACE: read_interface}
        self._crossing: set[Type] = {INTERFACE}

    def get(self, type_: Type) -> Reader:
        """The reader of values of the type, without the zero before those that stand for themselves."""
        if type_ not in self._readers:
            self._add(type_)
        return self._readers[type_]

    def crosses(self, type_: Type) -> bool:
        """Whether values of the type, known to `get`, can hold interfaces: only these go on in another message."""
        return type_ in self._crossing

    def _add(self, type_: Type) -> None:
        new = collect(type_, self._readers)
        readers: dict[Type, Parts] = {found: [] for found in new}
        for found in new:
            self._readers[found] = self._make(found, readers[found])
        for found, parts in new.items():
            readers[found] += ((name, self._readers[part]) for name, part in parts)
        self._mark_crossing(new)

    def _make(self, type_: Type, parts: Parts) -> Reader:
        match type_:
            case Struct():
                return _readers.struct_reader(parts, self._budget)
            case Slice():
                return _readers.sequence_reader(parts, self._budget)
            case Array():
                return _readers.sequence_reader(parts, self._budget, type_.length)
            case Map():
                return _readers.map_reader(parts, self._budget)
        return _readers.read_bytes

    def _mark_crossing(self, new: dict[Type, tuple[tuple[str, Type], ...]]) -> None:
        """Find which of the new types hold interfaces: from those that hold them outright upwards."""
        holders: dict[Type, list[Type]] = {}
        for holder, parts in new.items():
            for _, part in parts:
                holders.setdefault(part, []).append(holder)
        waiting = [part for part in holders if part in self._crossing]
        while waiting:
            for holder in holders.get(waiting.pop(), ()):
                if holder not in self._crossing:
                    self._crossing.add(holder)
                    waiting.append(holder)
