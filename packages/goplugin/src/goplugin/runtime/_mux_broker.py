"""The plugin author's view of brokered streams: coroutines on the work loop (mux_broker.go: MuxBroker)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from goplugin.runtime._channel import Channel, Receiver
from goplugin.runtime._service import Service, ServiceConnection, Serving
from goplugin.runtime._stream import Stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from goplugin.runtime._rpc_client import RpcClient
    from goplugin.runtime._stream_broker import StreamBroker
    from goplugin.runtime._work import WorkLoop


class _OnWorkLoop(Receiver):
    """Hands everything to another receiver, on the work loop: gob is not decoded in the session's thread."""

    def __init__(self, receiver: Receiver, work: WorkLoop) -> None:
        self._receiver = receiver
        self._work = work

    def received(self, data: bytes) -> None:
        self._work.post(partial(self._receiver.received, data))

    def ended(self) -> None:
        self._work.post(self._receiver.ended)

    def broken(self, error: Exception) -> None:
        self._work.post(partial(self._receiver.broken, error))

    def drained(self) -> None:
        self._work.post(self._receiver.drained)


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

    async def dial_rpc(self, number: int) -> RpcClient:
        """Open net/rpc to a service that the other side serves at this id.

        Returns:
            What calls it: `await asyncio.wrap_future(client.start(...))` in a coroutine. `client.call` blocks, so it is for
            other threads.

        Raises:
            BrokerTimeout, SessionClosed, PluginError, LocalProtocolError: As in `dial`.
        """
        from goplugin.runtime._rpc_client import RpcClient  # noqa: PLC0415 - few need it, and the first Ping would wait

        clients: list[RpcClient] = []

        def taken(channel: Channel) -> None:
            client = RpcClient(
                channel,
                self._serving.limits,
                violation=self._serving.violation,
                explain=lambda error: error,
            )
            channel.receiver = _OnWorkLoop(client, self._work)
            clients.append(client)

        await self._await_callback(partial(self._streams.dial, number), taken)
        return clients[0]

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
