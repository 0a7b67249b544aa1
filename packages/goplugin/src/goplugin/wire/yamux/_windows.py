"""Flow control of one stream, one class for each direction (spec.md, "Flow Control"; stream.go: sendWindowUpdate)."""

from typing import Final

from goplugin.wire.yamux._frames import MAX_UINT32

INITIAL_WINDOW: Final = 256 * 1024
"""Bytes that either side may send on a new stream before it has heard anything (const.go: initialStreamWindow)."""


class ReceiveWindow:
    """What the peer may still send on one stream.

    Args:
        size: The most that may be received and not yet consumed, in bytes, at least `INITIAL_WINDOW`. A larger one is granted
            with the first `grant`, which rides on the SYN or ACK.
    """

    __slots__ = ("_remaining", "_size", "_unconsumed")

    def __init__(self, size: int) -> None:
        self._size = size
        self._remaining = INITIAL_WINDOW
        self._unconsumed = 0

    @property
    def remaining(self) -> int:
        """Bytes that the peer may send now."""
        return self._remaining

    @property
    def unconsumed(self) -> int:
        """Bytes received and not yet consumed."""
        return self._unconsumed

    @property
    def _spare(self) -> int:
        return self._size - self._unconsumed - self._remaining

    @property
    def update_is_due(self) -> bool:
        """Whether at least half of the window can be given back; less is not worth a frame."""
        return self._spare >= self._size // 2

    def receive(self, count: int) -> bool:
        """Takes `count` bytes off the window; False, and nothing changed, where they exceed it."""
        if count > self._remaining:
            return False
        self._remaining -= count
        self._unconsumed += count
        return True

    def consume(self, count: int) -> None:
        """Frees the room of `count` bytes, at most `unconsumed`. They are given back with the next `grant`."""
        self._unconsumed -= count

    def grant(self) -> int:
        """Opens the window to its full size; returns by how many bytes, for a window update frame."""
        delta = self._spare
        self._remaining += delta
        return delta


class SendWindow:
    """What we may still send on one stream."""

    __slots__ = ("_remaining",)

    def __init__(self) -> None:
        self._remaining = INITIAL_WINDOW

    @property
    def remaining(self) -> int:
        """Bytes that may be sent now."""
        return self._remaining

    def send(self, count: int) -> None:
        """Takes `count` bytes, at most `remaining`, off the window."""
        self._remaining -= count

    def open(self, delta: int) -> bool:
        """Adds the peer's grant; False, and nothing changed, where the window would not fit 32 bits any more."""
        if delta > MAX_UINT32 - self._remaining:
            return False
        self._remaining += delta
        return True
