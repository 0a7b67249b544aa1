"""The first four bytes of a brokered stream (mux_broker.go: Run, Dial)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from goplugin.runtime._channel import Channel, Receiver
from goplugin.runtime._errors import SessionClosed

if TYPE_CHECKING:
    from collections.abc import Callable

_ID = struct.Struct("<I")


def encode_id(number: int) -> bytes:
    """The four bytes of an id: uint32, little endian."""
    return _ID.pack(number)


class BrokeredStart(Receiver):
    """Reads the four bytes at a brokered stream's start and keeps what follows until somebody takes the stream.

    What is kept is bounded by the stream's window, because its room is given back by the one who takes it.
    """

    def __init__(
        self,
        channel: Channel,
        complete: Callable[[BrokeredStart, int], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self.channel = channel
        self._complete = complete
        self._failed = failed
        self._data = b""
        self._read = False
        self._ended = False
        channel.receiver = self

    def received(self, data: bytes) -> None:
        self._data += data
        if not self._read and len(self._data) >= _ID.size:
            self._read = True
            (number,) = _ID.unpack_from(self._data)
            self._data = self._data[_ID.size :]
            self.channel.consumed(_ID.size)
            self._complete(self, number)

    def ended(self) -> None:
        self._ended = True
        if not self._read:
            self.channel.reset()
            self._failed(SessionClosed("the brokered stream ended before its id"))

    def broken(self, error: Exception) -> None:
        self._failed(error)

    def hand_over(self, taken: Callable[[Channel], None]) -> None:
        """Let the taker set its receiver, then give it what came early."""
        self.channel.receiver = Receiver()
        taken(self.channel)
        if self._data:
            self.channel.receiver.received(self._data)
        if self._ended:
            self.channel.receiver.ended()


class Once:
    """Calls back for the first of several outcomes."""

    def __init__(self, callback: Callable[[Exception], None]) -> None:
        self._callback = callback
        self.done = False

    def __call__(self, error: Exception) -> None:
        if not self.done:
            self.done = True
            self._callback(error)
