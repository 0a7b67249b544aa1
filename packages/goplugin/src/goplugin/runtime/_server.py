"""The plugin's loop: it accepts hosts, watches over their sessions, and ends when it should."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from goplugin.runtime._plugin_session import PluginSession
from goplugin.runtime._reactor import READ, Reactor, Timer
from goplugin.runtime._stdio import OutputBuffer, StreamPump
from goplugin.runtime._work import WorkLoop

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Mapping

    from goplugin.runtime._listener import Listener
    from goplugin.runtime._mux_broker import MuxBroker
    from goplugin.runtime._service import Service
    from goplugin.wire import Limits

HOST_SECONDS = 60.0
"""How long a plugin lives without any host connected: as long as a host waits for a plugin (client.go: StartTimeout)."""

PARENT_CHECK_SECONDS = 0.5
_WARM_UP_SECONDS = 1.0
_HELLO_SECONDS = 10.0
_GOODBYE_SECONDS = 0.3
_WORK_SECONDS = 0.7


class PluginServer:
    """Serves sessions in the thread that calls `run`, until there is a reason to end.

    Args:
        listener: Where hosts connect; closed by `run`.
        plugins: What can be dispensed.
        limits: Bounds of everything.
        logger: For what the host should know.
        parent: Process id of the host; when this process gets another parent, the host has died.

    Attributes:
        stuck: Whether a handler did not let go at the end, and its thread lives on.
    """

    def __init__(
        self,
        listener: Listener,
        plugins: Mapping[str, Callable[[MuxBroker], Service]],
        limits: Limits,
        logger: logging.Logger,
        parent: int,
    ) -> None:
        self.reactor = Reactor()
        self.work = WorkLoop(logger)
        self.limits = limits
        self.logger = logger
        self.plugins = plugins
        self.stdout_buffer = OutputBuffer(lambda: self.reactor.post(self.stdout.pump))
        self.stderr_buffer = OutputBuffer(lambda: self.reactor.post(self.stderr.pump))
        self.stdout = StreamPump(self.stdout_buffer)
        self.stderr = StreamPump(self.stderr_buffer)
        self.stuck = False
        self._listener = listener
        self._parent = parent
        self._sessions: set[PluginSession] = set()
        self._alone: Timer | None = None
        self._reason = ""
        self._exit_code = 0

    def run(self) -> int:
        """Serve until Quit, the host's end, `stop`, or a minute without a host.

        Returns:
            The exit code: 0, or 1 when no host came.
        """
        # the first Dispense starts it before; at once, its import of asyncio would hold the first Ping up
        self.reactor.later(_WARM_UP_SECONDS, self.work.start)
        self.reactor.watch(self._listener, READ, lambda _events: self._accept())
        self._wait_for_host()
        self._watch_parent()
        self.reactor.run()
        self.logger.debug("plugin ends: %s", self._reason)
        self._listener.close()
        self._say_goodbye()
        self.stuck = not self.work.stop(_WORK_SECONDS)
        self.reactor.close()
        return self._exit_code

    def stop(self, reason: str) -> None:
        """End soon; any thread and signal handlers may call."""
        self.reactor.post(lambda: self._end(reason))

    def quit(self) -> None:
        """The host said Quit."""
        self._end("the host said Quit")

    def _end(self, reason: str, exit_code: int = 0) -> None:
        if not self._reason:
            self._reason = reason
            self._exit_code = exit_code
        self.reactor.stop()

    def _say_goodbye(self) -> None:
        """Let the answer to Quit and the last output out, and the host hang up first, for a bounded time.

        A Go host that finds the connection closed while it says goodbye on each stream takes that for a failure to quit, and
        kills (rpc_client.go: Close; client.go: Kill).
        """
        self.stdout.finish()
        self.stderr.finish()
        if self._sessions:
            give_up = self.reactor.later(_GOODBYE_SECONDS, self.reactor.stop)
            self.reactor.run()
            give_up.cancel()
        for session in tuple(self._sessions):
            session.connection.close()

    # Hosts

    def _accept(self) -> None:
        sock = self._listener.accept()
        if sock is None:
            return
        if len(self._sessions) >= self.limits.connections:
            self.logger.warning("refused a connection: %d are open", self.limits.connections)
            sock.close()
            return
        session = PluginSession(self, sock)
        self._sessions.add(session)
        self.reactor.later(_HELLO_SECONDS, lambda: self._expect_streams(session))
        self._wait_for_host()

    def _expect_streams(self, session: PluginSession) -> None:
        if session in self._sessions and not session.is_host:
            session.connection.close(TimeoutError("a peer that opened no streams"))

    def session_ended(self, session: PluginSession, error: Exception | None) -> None:
        """End with the last host that hangs up; stay for another one when it was we who closed."""
        self._sessions.discard(session)
        if error is not None:
            self.logger.error("closed a session: %s", error)
        hosts_left = any(one.is_host for one in self._sessions)
        if self._reason and not hosts_left:
            self.reactor.stop()
        elif error is None and session.is_host and not hosts_left:
            self._end("the host closed its connection")
        else:
            self._wait_for_host()

    def _wait_for_host(self) -> None:
        """Start the clock while nobody is connected, stop it when somebody is."""
        if self._sessions and self._alone is not None:
            self._alone.cancel()
            self._alone = None
        elif not self._sessions and self._alone is None:
            self._alone = self.reactor.later(HOST_SECONDS, self._no_host)

    def _no_host(self) -> None:
        self.logger.error("no host connected within %g s", HOST_SECONDS)
        self._end("no host", exit_code=1)

    def _watch_parent(self) -> None:
        if os.getppid() != self._parent:
            self._end("the host has died")
        else:
            self.reactor.later(PARENT_CHECK_SECONDS, self._watch_parent)
