"""Reads one JSON object field by field, so that every error names the field's path."""

import math
from collections.abc import Callable, Mapping
from typing import TypeVar

from ._errors import ContractError, describe

T = TypeVar("T")

# Clipped text ends with this mark, so that nobody takes it for the whole.
CLIPPED = " […]"


class Reader:
    """One JSON object and its place in the document.

    Unknown fields are passed over: a newer peer may send more than we know.
    """

    def __init__(self, value: object, path: str = "") -> None:
        """Raises ContractError when `value` is not an object with string keys."""
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise ContractError(path, describe(value), "an object")
        self.fields: Mapping[str, object] = value
        self._path = path

    def path(self, name: str) -> str:
        """The path of the field `name`."""
        return f"{self._path}.{name}" if self._path else name

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self.fields.get(name) is not None

    def text(self, name: str, *, limit: int, default: str = "") -> str:
        """A string of at most `limit` characters; a longer one is an error."""
        value = self._text(name, default)
        if len(value) > limit:
            raise ContractError(
                self.path(name), f"{len(value)} characters", f"at most {limit} characters"
            )
        return value

    def clipped(self, name: str, *, limit: int) -> str:
        """A string, cut to `limit` characters with a mark: for prose that decides nothing."""
        return clip(self._text(name, ""), limit)

    def required_text(self, name: str, *, limit: int) -> str:
        """A string that must be there and not be empty."""
        value = self.text(name, limit=limit)
        if not value:
            raise ContractError(self.path(name), describe(self.fields.get(name)), "some text")
        return value

    def boolean(self, name: str, *, default: bool) -> bool:
        """A JSON true or false."""
        value = self.fields.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise ContractError(self.path(name), describe(value), "true or false")
        return value

    def number(self, name: str, low: float, high: float) -> float | None:
        """A finite number from `low` to `high`, or None where there is none."""
        value = self.fields.get(name)
        if value is None:
            return None
        expected = f"a number from {low:g} to {high:g}"
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ContractError(self.path(name), describe(value), expected)
        if not (math.isfinite(value) and low <= value <= high):
            raise ContractError(self.path(name), describe(value), expected)
        return float(value)

    def required_number(self, name: str, low: float, high: float) -> float:
        """As `number`, but it must be there."""
        value = self.number(name, low, high)
        if value is None:
            raise ContractError(self.path(name), "nothing", f"a number from {low:g} to {high:g}")
        return value

    def count(self, name: str, *, high: int = 2**53) -> int | None:
        """A whole number from 0 to `high`; 3.0 counts as 3, since A2A data parts carry doubles."""
        value = self.number(name, 0, high)
        if value is None:
            return None
        if value != int(value):
            raise ContractError(self.path(name), describe(value), "a whole number")
        return int(value)

    def child(self, name: str) -> "Reader":
        """The object in the field `name`; a missing one reads as empty."""
        value = self.fields.get(name)
        return Reader({} if value is None else value, self.path(name))

    def children(self, name: str, make: Callable[["Reader"], T], *, limit: int) -> tuple[T, ...]:
        """What `make` reads from each of the first `limit` objects of a list."""
        items = self._list(name)[:limit]
        return tuple(
            make(Reader(item, f"{self.path(name)}[{index}]")) for index, item in enumerate(items)
        )

    def texts(self, name: str, *, count: int, limit: int) -> tuple[str, ...]:
        """A list of at most `count` strings of at most `limit` characters each."""
        items = self._list(name)
        if len(items) > count:
            raise ContractError(self.path(name), f"{len(items)} items", f"at most {count}")
        for index, item in enumerate(items):
            if not isinstance(item, str) or len(item) > limit:
                raise ContractError(
                    f"{self.path(name)}[{index}]",
                    describe(item),
                    f"a string of at most {limit} characters",
                )
        return tuple(item for item in items if isinstance(item, str))

    def counts(self, name: str, *, count: int, high: int = 2**53) -> tuple[int, ...]:
        """A list of at most `count` whole numbers from 0 to `high`."""
        items = self._list(name)
        if len(items) > count:
            raise ContractError(self.path(name), f"{len(items)} items", f"at most {count}")
        # Each is read as if it were a field of its own, so that its path is told.
        numbered = Reader(
            {f"{name}[{index}]": item for index, item in enumerate(items)}, self._path
        )
        return tuple(numbered.count(each, high=high) or 0 for each in numbered.fields)

    def _text(self, name: str, default: str) -> str:
        value = self.fields.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise ContractError(self.path(name), describe(value), "a string")
        return value

    def _list(self, name: str) -> list[object]:
        value = self.fields.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise ContractError(self.path(name), describe(value), "a list")
        return value


def clip(text: str, limit: int) -> str:
    """`text` itself, or its beginning and the mark of a cut, `limit` characters in all."""
    return text if len(text) <= limit else text[: limit - len(CLIPPED)] + CLIPPED
