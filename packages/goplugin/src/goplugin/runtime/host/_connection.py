"""The host's end of the connection: three streams at once, then brokered ones (rpc_client.go: NewRPCClient)."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING

from goplugin.runtime._channel import Channel, Receiver
from goplugin.runtime._connection import Connection
from goplugin.runtime._rpc_client import RpcClient
from goplugin.runtime._service import Service, ServiceConnection, Serving
from goplugin.runtime._stream_broker import StreamBroker
from goplugin.wire.yamux import Role

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from goplugin.runtime._reactor import Reactor
    from goplugin.runtime._transport import Transport
    from goplugin.runtime._work import WorkLoop
    from goplugin.wire import Limits

    OutputCallback: TypeAlias = Callable[[bytes], None]

_log = logging.getLogger("goplugin.host")


class OutputReader(Receiver):
    """Hands what the plugin writes on one stream to a callback, or drops it."""

    def __init__(
        self,
        channel: Channel,
        callback: OutputCallback | None,
        when_ended: Callable[[], None],
    ) -> None:
        self._channel = channel
        self._callback = callback
        self._when_ended = when_ended
        channel.receiver = self

    def received(self, data: bytes) -> None:
        """Call back; what the callback raises is logged."""
        self._channel.consumed(len(data))
        if self._callback is None:
            return
        try:
            self._callback(data)
        except Exception:  # noqa: BLE001 - the callback is somebody else's, the thread is ours
            _log.exception("a callback for a plugin's output failed")

    def ended(self) -> None:
        """The plugin writes no more."""
        self._channel.finish()
        self._when_ended()


class HostConnection:
    """A connection to a plugin. Made in the reactor's thread.

    Args:
        reactor: The loop that serves it.
        sock: Connected to the plugin; closed by this object.
        limits: Bounds of the session.
        outputs: Get what the plugin writes on stdout and on stderr after the handshake; in the reactor's thread.
        explain: See `RpcClient`.
    """

    def __init__(
        self,
        reactor: Reactor,
        sock: Transport,
        limits: Limits,
        *,
        outputs: tuple[OutputCallback | None, OutputCallback | None],
        explain: Callable[[Exception], Exception],
    ) -> None:
        self._reactor = reactor
        self._limits = limits
        self._explain = explain
        self._open_outputs = len(outputs)
        self._leaving = False
        self._connection = Connection(reactor, sock, Role.CLIENT, limits, owner=self)
        self.streams = StreamBroker(self._connection, reactor)
        self.control = self._client(self._connection.open_channel())
        for callback in outputs:
            OutputReader(self._connection.open_channel(), callback, self._output_ended)

    def _client(self, channel: Channel) -> RpcClient:
        return RpcClient(channel, self._limits, violation=self.violation, explain=self._explain)

    def dial(self, number: int) -> Future[RpcClient]:
        """Open net/rpc to whoever accepts this id in the plugin; any thread. Settled within 5 s, see `StreamBroker.dial`."""
        future: Future[RpcClient] = Future()
        self.streams.dial(
            number, lambda channel: future.set_result(self._client(channel)), future.set_exception
        )
        return future

    def serve(self, service: Service, work: WorkLoop) -> int:
        """Serve net/rpc to the plugin at a new id, for which it has 5 s to come (MuxBroker.AcceptAndServe); any thread."""
        number = self.streams.next_id()
        serving = Serving(work, self._limits, _log, self.violation)

        def taken(channel: Channel) -> None:
            ServiceConnection(channel, lambda: service, serving)

        self.streams.accept(
            number, taken, lambda error: _log.warning("the plugin did not come: %s", error)
        )
        return number

    def violation(self, error: Exception) -> None:
        """The plugin broke a rule: log it once, close the connection. Any thread."""
        self._reactor.post(partial(self._connection.close, error))

    def leave(self) -> None:
        """Hang up once the plugin has ended its output, as it does after Quit; any thread."""

        def leave() -> None:
            self._leaving = True
            self._close_if_done()

        self._reactor.post(leave)

    def _output_ended(self) -> None:
        self._open_outputs -= 1
        self._close_if_done()

    def _close_if_done(self) -> None:
        if self._leaving and not self._open_outputs:
            self._connection.close()

    def close(self) -> None:
        """End the connection; the reactor's thread."""
        self._connection.close()

    # Told by the connection.

    def opened(self, _connection: Connection, channel: Channel) -> None:
        """The plugin opens brokered streams only."""
        self.streams.incoming(channel)

    def closed(self, _connection: Connection, error: Exception | None) -> None:
        """Whoever waits for a brokered stream waits no longer."""
        if error is not None:
            _log.error("closed the connection to a plugin: %s", error)
        self.streams.closed()
