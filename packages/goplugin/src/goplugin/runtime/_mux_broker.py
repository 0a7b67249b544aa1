"""The plugin author's view of brokered streams: coroutines on the work loop (mux_broker.go: MuxBroker)."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from goplugin.runtime._channel import Channel, Receiver
from goplugin.runtime._service import Service, ServiceConnection, Serving

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from goplugin.runtime._stream_broker import StreamBroker
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


class MuxBroker:
    """Streams of one's own on the connection between host and plugin, for arguments that do not fit a call.

    One side takes an id and tells it to the other, usually in an argument or a reply; then one side accepts that id, and the
    other dials it, each within 5 s. All methods belong to the plugin's asyncio loop.
    """

    def __init__(self, streams: StreamBroker, serving: Serving) -> None:
        self._streams = streams
        self._serving = serving
        self._work = serving.work

    def next_id(self) -> int:
        """An id (uint32) that this side has not given out yet."""
        return self._streams.next_id()

    async def accept(self, number: int) -> Stream:
        """Wait for the peer to dial this id.

        Raises:
            BrokerTimeout: It did not within 5 s.
            SessionClosed: The connection is gone.
            PluginError: The id is waited for already.
        """
        return await self._stream(partial(self._streams.accept, number))

    async def dial(self, number: int) -> Stream:
        """Open a stream to whoever accepts this id on the other side.

        Raises:
            BrokerTimeout: Nobody did within 5 s.
            SessionClosed: The connection is gone.
            PluginError: The other side answered with another id.
            LocalProtocolError: A limit of streams is reached.
        """
        return await self._stream(partial(self._streams.dial, number))

    async def accept_and_serve(self, number: int, service: Service) -> None:
        """Wait for the peer to dial this id, and serve net/rpc there until it ends (MuxBroker.AcceptAndServe).

        Returns once the peer came; calls are answered in the background.

        Raises:
            BrokerTimeout: It did not come within 5 s.
            SessionClosed: The connection is gone.
        """
        await self._await_callback(
            partial(self._streams.accept, number), partial(self._serve, service)
        )

    def _serve(self, service: Service, channel: Channel) -> None:
        ServiceConnection(channel, lambda: service, self._serving)

    async def _stream(self, start: Callable[..., None]) -> Stream:
        streams: list[Stream] = []

        def taken(channel: Channel) -> None:
            streams.append(Stream(channel, self._work))

        await self._await_callback(start, taken)
        return streams[0]

    async def _await_callback(
        self, start: Callable[..., None], taken: Callable[[Channel], None]
    ) -> None:
        import asyncio  # noqa: PLC0415 - the work loop has imported it

        done = asyncio.get_running_loop().create_future()

        def settle(error: Exception | None) -> None:
            if done.done():
                return
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)

        def take(channel: Channel) -> None:
            taken(channel)
            self._work.post(partial(settle, None))

        start(take, lambda error: self._work.post(partial(settle, error)))
        await done
