"""What one value may take: bounds on its size in memory, whatever few bytes it has on the wire."""

from goplugin.wire._limits import Limits
from goplugin.wire.gob._numbers import MalformedError


class Budget:
    """Elements that the value being read may still have, and how deep it may nest.

    Attributes:
        left: Elements, entries and fields that may still come. An empty struct takes one byte on the wire and 64 in
            memory, and a message may hold millions.
        max_depth: Deepest nesting.
    """

    __slots__ = ("_limit", "left", "max_depth")

    def __init__(self, limits: Limits) -> None:
        self._limit = limits.gob_elements
        self.max_depth = limits.gob_depth
        self.left = self._limit

    def renew(self) -> None:
        """Begin another value."""
        self.left = self._limit

    def spend(self, count: int, pos: int) -> None:
        """Account for `count` elements that begin at `pos`."""
        self.left -= count
        if self.left < 0:
            raise self.too_many(pos)

    def spend_in_message(self, count: int, pos: int, remaining: int) -> None:
        """The same for elements that lie in the message, of which `remaining` bytes are unread; each takes one at least."""
        if count > remaining:
            raise MalformedError(
                pos,
                f"a count of {count} elements in the last {max(remaining, 0)} bytes of a message",
            )
        self.spend(count, pos)

    def too_many(self, pos: int) -> MalformedError:
        """The error of a value with too many elements."""
        return MalformedError(pos, f"a value has more than {self._limit} elements and fields")

    def too_deep(self, pos: int) -> MalformedError:
        """The error of a value nested too deeply."""
        return MalformedError(pos, f"values are nested deeper than {self.max_depth} levels")
