"""A brokered stream of bytes as coroutines see it."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from goplugin.runtime._channel import Channel, Receiver

if TYPE_CHECKING:
    import asyncio

    from goplugin.runtime._work import WorkLoop

_MAX_UNSENT_BYTES = 1024 * 1024


class Stream(Receiver):
    """A brokered stream of bytes, for coroutines on the plugin's loop. One task reads and one writes at a time."""

    def __init__(self, channel: Channel, work: WorkLoop) -> None:
        self._channel = channel
        self._work = work
        self._chunks: deque[bytes] = deque()
        self._ended = False
        self._error: Exception | None = None
        self._changed: deque[asyncio.Future[None]] = deque()
        channel.receiver = self

    async def receive(self) -> bytes:
        """The next bytes; empty when the peer has ended the stream.

        Raises:
            SessionClosed: The stream was reset, or its connection is gone.
        """
        while not self._chunks:
            if self._error is not None:
                raise self._error
            if self._ended:
                return b""
            await self._change()
        data = self._chunks.popleft()
        self._channel.consumed(len(data))
        return data

    async def send(self, data: bytes) -> None:
        """Queue bytes; waits while more than 1 MiB is unsent.

        Raises:
            SessionClosed: The stream is broken, or `finish` was called.
        """
        while self._channel.unsent > _MAX_UNSENT_BYTES:
            await self._change()
        self._channel.send(data)

    def finish(self) -> None:
        """Send no more (FIN); `receive` goes on until the peer ends its side too."""
        self._channel.finish()

    def reset(self) -> None:
        """Abandon the stream at once (RST)."""
        self._channel.reset()

    async def _change(self) -> None:
        import asyncio  # noqa: PLC0415 - the work loop has imported it

        future = asyncio.get_running_loop().create_future()
        self._changed.append(future)
        await future

    def _tell(self) -> None:
        while self._changed:
            future = self._changed.popleft()
            if not future.done():
                future.set_result(None)

    # Session's thread.

    def received(self, data: bytes) -> None:
        """Hand the bytes to the work loop."""
        self._work.post(partial(self._take, data))

    def ended(self) -> None:
        """Tell the reader."""
        self._work.post(partial(self._end, None))

    def broken(self, error: Exception) -> None:
        """Tell reader and writer."""
        self._work.post(partial(self._end, error))

    def drained(self) -> None:
        """Tell the writer."""
        self._work.post(self._tell)

    def _take(self, data: bytes) -> None:
        self._chunks.append(data)
        self._tell()

    def _end(self, error: Exception | None) -> None:
        self._ended = True
        self._error = self._error or error
        self._tell()
