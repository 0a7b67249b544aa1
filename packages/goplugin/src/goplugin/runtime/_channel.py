"""One yamux stream as a pipe of bytes: any thread writes, one receiver is told what comes."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from goplugin.runtime._errors import SessionClosed

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK_BYTES = 64 * 1024
# The session tells its peer of room once half of the window is free; the window is four times this at least.
_WORTH_TELLING_BYTES = 64 * 1024


class Receiver:
    """Told what happens on a channel, always in the session's thread; it must not block or raise.

    The methods do nothing by default.
    """

    def received(self, data: bytes) -> None:
        """Bytes came (at least one). Give their room back with `Channel.consumed` once they are dealt with."""

    def ended(self) -> None:
        """The peer sends no more; it still reads what we send."""

    def broken(self, error: Exception) -> None:
        """The stream or its connection is gone, at most once; nothing is received or sent any more."""

    def drained(self) -> None:
        """Everything that was queued was handed to the session."""


class Carrier(Protocol):
    """What a channel needs of the connection that carries it."""

    def post(self, callback: Callable[[], None]) -> None:
        """Run the callback in the session's thread; any thread may call."""

    def service(self, channel: Channel) -> None:
        """Move what the channel holds into the session; session's thread."""

    def reset(self, channel: Channel) -> None:
        """Abandon the stream in both directions; session's thread."""


class Channel:
    """The queue of one stream's output, and the room that its input has taken.

    `send`, `consumed`, `finish`, `reset` and `unsent` may be used by any thread. The other names belong to the session's
    thread.

    Attributes:
        id: The yamux stream id.
        receiver: Told of input; replaced when the stream changes hands (a brokered one after its four bytes).
    """

    def __init__(self, stream_id: int, carrier: Carrier, *, may_stall: bool = False) -> None:
        self.id = stream_id
        self.receiver = Receiver()
        self.peer_ended = False
        self.finished = False
        # stdout and stderr may stay unread for as long as the host likes
        self.may_stall = may_stall
        self.waiting_since: float | None = None
        self._carrier = carrier
        self._lock = Lock()
        self._outbox: deque[bytes] = deque()
        self._unsent = 0
        self._eaten = 0
        self._finishing = False
        self._error: Exception | None = None
        self._posted = False

    @property
    def unsent(self) -> int:
        """Bytes queued here that the session has not taken yet."""
        return self._unsent

    def send(self, data: bytes) -> None:
        """Queue bytes; those of one thread leave in the order of the calls.

        Raises:
            SessionClosed: The stream is broken, or was finished by us.
        """
        with self._lock:
            if self._error is not None:
                raise SessionClosed(str(self._error)) from self._error
            if self._finishing:
                raise SessionClosed(f"stream {self.id} was finished by this side")
            if data:
                self._outbox.append(data)
                self._unsent += len(data)
            post = self._take_post()
        if post:
            self._carrier.post(self._serviced)

    def consumed(self, size: int) -> None:
        """Say that this many received bytes are dealt with: the peer may send as many more.

        Small amounts wait for what comes next, so that not every call of a peer wakes the session's thread once more.
        """
        with self._lock:
            self._eaten += size
            post = self._eaten >= _WORTH_TELLING_BYTES and self._take_post()
        if post:
            self._carrier.post(self._serviced)

    def finish(self) -> None:
        """Send no more after what is queued (FIN); input still comes."""
        with self._lock:
            self._finishing = True
            post = self._take_post()
        if post:
            self._carrier.post(self._serviced)

    def reset(self) -> None:
        """Abandon the stream at once, with what is queued (RST)."""
        self._carrier.post(lambda: self._carrier.reset(self))

    def _take_post(self) -> bool:
        post = not self._posted and self._error is None
        self._posted = self._posted or post
        return post

    def _serviced(self) -> None:
        with self._lock:
            self._posted = False
        self._carrier.service(self)

    # What follows is called by the connection, in the session's thread.

    def take_eaten(self) -> int:
        """Bytes whose room goes back to the peer now."""
        with self._lock:
            eaten, self._eaten = self._eaten, 0
        return eaten

    def take_chunk(self) -> bytes:
        """The next queued bytes, at most `CHUNK_BYTES`; empty when there are none."""
        with self._lock:
            if not self._outbox:
                return b""
            chunk = self._outbox.popleft()
            if len(chunk) > CHUNK_BYTES:
                self._outbox.appendleft(chunk[CHUNK_BYTES:])
                chunk = chunk[:CHUNK_BYTES]
            self._unsent -= len(chunk)
        return chunk

    def wants_fin(self) -> bool:
        """Whether all is taken and the end is to be told; true once."""
        with self._lock:
            if not self._finishing or self._outbox or self.finished:
                return False
            self.finished = True
        return True

    def conclude(self, error: Exception) -> bool:
        """Take nothing more; the receiver knows already, because both sides have ended.

        Returns:
            Whether this was the first end.
        """
        with self._lock:
            if self._error is not None:
                return False
            self._error = error
            self._outbox.clear()
            self._unsent = 0
        return True

    def break_off(self, error: Exception) -> None:
        """Drop the queue and tell the receiver; done twice, the second is ignored."""
        if self.conclude(error):
            self.receiver.broken(error)
