"""Slices of structs that are converted when somebody looks at them.

An AnalysisRun comes with every call, and most of it is metrics and measurements that the call is not
about. An element that does not have the declared shape raises SchemaError at the first look.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar, overload

_T = TypeVar("_T")


class LazySequence(Sequence[_T], Generic[_T]):
    """Equal to a tuple of the same elements; does not change."""

    __slots__ = ("_convert", "_items", "_sent")

    def __init__(self, sent: list[object], convert: Callable[[object], _T]) -> None:
        self._sent = sent
        self._convert = convert
        self._items: tuple[_T, ...] | None = None

    def _converted(self) -> tuple[_T, ...]:
        if self._items is None:
            self._items = tuple(map(self._convert, self._sent))
        return self._items

    @overload
    def __getitem__(self, index: int) -> _T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[_T, ...]: ...
    def __getitem__(self, index: int | slice) -> _T | tuple[_T, ...]:
        return self._converted()[index]

    def __len__(self) -> int:
        return len(self._sent)

    def __iter__(self) -> Iterator[_T]:
        return iter(self._converted())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, LazySequence):
            other = other._converted()
        return self._converted() == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._converted())

    def __repr__(self) -> str:
        return repr(self._converted())
