"""One host's connection to this plugin: its control stream, its output streams, what it has dispensed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from goplugin.runtime._connection import Connection
from goplugin.runtime._control import ControlService
from goplugin.runtime._mux_broker import MuxBroker
from goplugin.runtime._service import ServiceConnection, Serving
from goplugin.runtime._stream_broker import StreamBroker
from goplugin.wire.yamux import Role

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Mapping
    from typing import Protocol

    from goplugin.runtime._channel import Channel
    from goplugin.runtime._reactor import Reactor
    from goplugin.runtime._service import Service
    from goplugin.runtime._stdio import StreamPump
    from goplugin.runtime._transport import Transport
    from goplugin.runtime._work import WorkLoop
    from goplugin.wire import Limits

    class Plugin(Protocol):
        """What a session needs of the plugin that it belongs to."""

        reactor: Reactor
        work: WorkLoop
        limits: Limits
        logger: logging.Logger
        plugins: Mapping[str, Callable[[MuxBroker], Service]]
        stdout: StreamPump
        stderr: StreamPump

        def quit(self) -> None:
            """The host said Quit."""

        def session_ended(self, session: PluginSession, error: Exception | None) -> None:
            """The session is over; None when the host hung up."""


class PluginSession:
    """Sorts the streams that a host opens (rpc_server.go: ServeConn): control, stdout, stderr, then brokered ones.

    Args:
        plugin: What this session belongs to.
        sock: The accepted connection.
    """

    def __init__(self, plugin: Plugin, sock: Transport) -> None:
        self._plugin = plugin
        self._opened = 0
        self.connection = Connection(plugin.reactor, sock, Role.SERVER, plugin.limits, owner=self)
        self._streams = StreamBroker(self.connection, plugin.reactor)
        self._serving = Serving(plugin.work, plugin.limits, plugin.logger, self._violation)
        self._broker = MuxBroker(self._streams, self._serving)

    @property
    def is_host(self) -> bool:
        """Whether the peer has opened its three streams, as every host does at once."""
        return self._opened >= 3

    def opened(self, _connection: Connection, channel: Channel) -> None:
        """Give the stream to whom it belongs, by the order of opening."""
        self._opened += 1
        match self._opened:
            case 1:
                ControlService(
                    channel,
                    self._plugin.limits,
                    dispense=self._dispense,
                    quit_=self._plugin.quit,
                    fail=self.connection.close,
                )
            case 2:
                self._plugin.stdout.attach(channel)
            case 3:
                self._plugin.stderr.attach(channel)
            case _:
                self._streams.incoming(channel)

    def closed(self, _connection: Connection, error: Exception | None) -> None:
        """Tell who waits, and the plugin."""
        self._streams.closed()
        self._plugin.session_ended(self, error)

    def _dispense(self, name: str) -> int | None:
        """Answers at once; the service is made when its first call comes (a factory may import for a while)."""
        factory = self._plugin.plugins.get(name)
        if factory is None:
            return None
        self._plugin.work.start()
        number = self._streams.next_id()
        self._streams.accept(
            number, partial(self._serve, partial(factory, self._broker)), self._not_dialled
        )
        return number

    def _serve(self, make_service: Callable[[], Service], channel: Channel) -> None:
        ServiceConnection(channel, make_service, self._serving)

    def _not_dialled(self, error: Exception) -> None:
        self._plugin.logger.debug("a dispensed plugin was not dialled: %s", error)

    def _violation(self, error: Exception) -> None:
        self._plugin.reactor.post(partial(self.connection.close, error))
