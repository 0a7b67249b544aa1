"""A plugin as its host sees it (client.go: Client)."""

from __future__ import annotations

import logging
import os
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Self

from goplugin.runtime._errors import (
    CallTimeout,
    HandshakeFailed,
    PluginError,
    PluginExited,
    SessionClosed,
    StartTimeout,
)
from goplugin.runtime._work import WorkLoop
from goplugin.runtime.host._connection import HostConnection
from goplugin.runtime.host._dial import dial
from goplugin.runtime.host._log_line import LogLine, parse_log_line
from goplugin.runtime.host._process import PluginProcess, remove_socket
from goplugin.runtime.host._startup import parse_handshake, plugin_environment
from goplugin.runtime.host._thread import HostThread
from goplugin.wire import DEFAULT_LIMITS, Limits
from goplugin.wire.gob import BOOL, STRING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from goplugin.runtime._auto_mtls import HostSide
    from goplugin.runtime._reactor import Reactor
    from goplugin.runtime._rpc_client import RpcClient
    from goplugin.runtime._service import Service
    from goplugin.runtime._transport import Transport
    from goplugin.wire.handshake import HandshakeConfig, HandshakeLine

START_SECONDS = 60.0
GRACE_SECONDS = 2.0
PING_SECONDS = 10.0
_EXIT_SECONDS = 1.0
_CONNECT_SECONDS = 15.0
_KILL_SECONDS = 5.0

_log = logging.getLogger("goplugin.host")


class Client:
    """Starts one plugin and talks to it. Use it as a context manager, so that no process is left behind.

    Methods may be called by several threads; they block. One thread of the client serves the connection and the plugin's
    pipes; the callbacks run in it, must not block, and must not call this client.

    Args:
        argv: The plugin's program and its arguments.
        handshake: The cookie and version that the plugin was written for.
        env: The plugin's environment; None: this process's own, without the variables by which a host speaks to a plugin.
            The cookie and `PLUGIN_*` variables are set in either case.
        limits: Bounds of what the plugin can make us hold.
        start_timeout: Seconds from the start of the process to its handshake line.
        auto_mtls: Speak TLS with one-time certificates that each side makes for the other (client.go: AutoMTLS). Needs the
            extra `goplugin[mtls]`, here and in a plugin written in Python.
        on_stdout: Gets bytes that the plugin writes on stdout after the handshake.
        on_stderr: Gets bytes that it writes on stderr after the handshake, other than its log.
        on_log: Gets each line of its log (the process's original stderr).
    """

    def __init__(  # noqa: PLR0913 - independent settings, all but two with defaults and by keyword only
        self,
        argv: Sequence[str],
        handshake: HandshakeConfig,
        *,
        env: Mapping[str, str] | None = None,
        limits: Limits = DEFAULT_LIMITS,
        start_timeout: float = START_SECONDS,
        auto_mtls: bool = False,
        on_stdout: Callable[[bytes], None] | None = None,
        on_stderr: Callable[[bytes], None] | None = None,
        on_log: Callable[[LogLine], None] | None = None,
    ) -> None:
        self._argv = [os.fspath(argument) for argument in argv]
        self._handshake = handshake
        self._env = env
        self._limits = limits
        self._start_timeout = start_timeout
        self._auto_mtls = auto_mtls
        self._on_stdout = on_stdout
        self._on_stderr = on_stderr
        self._on_log = on_log
        self._lock = threading.RLock()
        self._thread: HostThread | None = None
        self._first_line: Future[str | None] = Future()
        self._process: PluginProcess | None = None
        self._connection: HostConnection | None = None
        self._work: WorkLoop | None = None
        self._address = ""
        self._ended = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """The plugin's process id.

        Raises:
            PluginError: It was not started.
        """
        return self._started().pid

    @property
    def address(self) -> str:
        """Path of the plugin's unix socket; empty before `start`."""
        return self._address

    @property
    def exit_code(self) -> int | None:
        """The plugin's exit code (negative: a signal's number); None while it lives, and before `start`."""
        return None if self._process is None else self._process.exit_code

    def start(self) -> None:
        """Start the process, read its handshake line, connect. Done once it runs, it changes nothing.

        Raises:
            StartTimeout: No handshake line came within the start timeout.
            PluginExited: The process ended before it wrote one; its last lines on stderr usually say why.
            HandshakeFailed: What it wrote is no handshake, or offers a version or protocol that is not spoken; with AutoMTLS
                also a plugin that does not speak it, or not with the certificate that it wrote.
            SessionClosed: The connection broke while it was made.
            PluginError: The program cannot be started, or was started by this client before and has ended; or AutoMTLS is
                asked for, and the extra is not installed.
        """
        with self._lock:
            if self._connection is not None and not self._ended:
                return
            if self._process is not None or self._ended:
                raise PluginError("this client's plugin has ended: make a new Client")
            try:
                self._start()
            except BaseException:
                self.kill()
                raise

    def _start(self) -> None:
        tls = _auto_mtls() if self._auto_mtls else None
        thread = self._thread = HostThread()
        self._process = PluginProcess(
            self._argv,
            plugin_environment(self._handshake, self._env, "" if tls is None else tls.certificate),
            thread.reactor,
            on_stdout=self._take_stdout,
            on_stderr=self._take_stderr,
        )
        line = self._read_handshake()
        self._address = line.address
        try:
            sock = dial(line, tls, self._limits.stall_seconds)
            self._connection = thread.call(
                partial(self._connect, thread.reactor, sock), _CONNECT_SECONDS
            )
        except (OSError, HandshakeFailed) as error:
            raise self._explain(error) from error

    def _read_handshake(self) -> HandshakeLine:
        try:
            text = self._first_line.result(self._start_timeout)
        except TimeoutError as error:
            raise StartTimeout(
                f"{self._argv[0]}: no handshake line within {self._start_timeout:g} s"
            ) from error
        if text is None:
            raise self._explain(HandshakeFailed(f"{self._argv[0]}: nothing came on its stdout"))
        return parse_handshake(text, self._handshake, self._limits, auto_mtls=self._auto_mtls)

    def _connect(self, reactor: Reactor, sock: Transport) -> HostConnection:
        return HostConnection(
            reactor,
            sock,
            self._limits,
            outputs=(self._on_stdout, self._on_stderr),
            explain=self._explain,
        )

    def ping(self, timeout: float = PING_SECONDS) -> float:
        """Ask for a sign of life.

        Returns:
            Seconds until the answer came.

        Raises:
            CallTimeout: None came in time.
            PluginExited, SessionClosed, PluginError: There is no plugin any more, or not yet.
        """
        started = time.perf_counter()
        self._connected().control.call("Control.Ping", BOOL, value=True, timeout=timeout)
        return time.perf_counter() - started

    def dispense(self, name: str, timeout: float = _CONNECT_SECONDS) -> RpcClient:
        """Ask for one of the plugin's services, and open a stream to it.

        Args:
            name: Its name in the plugin's `ServeConfig.plugins`.
            timeout: Seconds for each of the two steps.

        Raises:
            RemoteError: The plugin has no such service.
            CallTimeout, BrokerTimeout: It did not answer, or did not come to the stream.
            PluginExited, SessionClosed, PluginError: There is no plugin any more, or not yet.
        """
        number = self._connected().control.call("Dispenser.Dispense", STRING, name, timeout=timeout)
        if not isinstance(number, int):
            raise PluginError(f"Dispense answered with a {type(number).__name__}, not with an id")
        return self.dial(number, timeout)

    def dial(self, number: int, timeout: float = _CONNECT_SECONDS) -> RpcClient:
        """Open net/rpc on a brokered stream whose id the plugin has told (MuxBroker.Dial).

        Raises:
            BrokerTimeout: The plugin did not accept the id within 5 s.
            PluginExited, SessionClosed, PluginError: As in `dispense`.
        """
        try:
            return self._connected().dial(number).result(timeout)
        except SessionClosed as error:
            raise self._explain(error) from error

    def accept_and_serve(self, service: Service) -> int:
        """Serve something to the plugin, on a brokered stream (MuxBroker.AcceptAndServe).

        Its handlers run on an asyncio loop in a thread of this client.

        Returns:
            The id to tell the plugin, in an argument for instance; it has 5 s to dial it.

        Raises:
            PluginError: The plugin was not started.
        """
        connection = self._connected()
        with self._lock:
            if self._work is None:
                self._work = WorkLoop(_log)
                self._work.start()
        return connection.serve(service, self._work)

    def quit(self, timeout: float = GRACE_SECONDS) -> int:
        """Ask the plugin to end, and wait for it.

        Args:
            timeout: Seconds for the answer, and again for the end.

        Returns:
            Its exit code.

        Raises:
            CallTimeout: It does not answer, or has answered and lives on: `kill` it.
            SessionClosed, PluginError: The connection is gone while the process lives, or it was never started.
        """
        process = self._started()
        connection = self._connected()
        with suppress(PluginExited):
            # that the connection closes before the answer is here is the end that was asked for
            connection.control.call("Control.Quit", BOOL, value=True, timeout=timeout)
        connection.leave()
        code = process.wait(timeout)
        if code is None:
            raise CallTimeout(f"{self._argv[0]}: still there {timeout:g} s after Quit")
        return code

    def kill(self, grace: float = GRACE_SECONDS) -> int | None:
        """End the plugin for certain: Quit, then SIGKILL to its process group. Never raises; done twice, it changes nothing.

        Args:
            grace: Seconds to end by itself after Quit (client.go: Kill waits 2 s too), or after SIGTERM where it was never
                connected to; 0: SIGKILL at once.

        Returns:
            Its exit code; None when it was never started, or lives on after SIGKILL (uninterruptible in the kernel).
        """
        with self._lock:
            process = self._process
            if process is None or self._ended:
                self._ended = True
                self._close()
                return self.exit_code
            self._ended = True
            if grace > 0 and process.exit_code is None:
                self._ask_to_end(process, grace)
            by_force = process.exit_code != 0
            process.kill()  # also what it has started and left behind
            code = process.wait(_KILL_SECONDS)
            self._close()
            if by_force and self._address:
                remove_socket(self._address)
            return code

    def _ask_to_end(self, process: PluginProcess, grace: float) -> None:
        """Quit, or SIGTERM where no connection was made: one that cleans up after itself then can."""
        if self._connection is None:
            process.terminate()
            process.wait(grace)
            return
        with suppress(PluginError):
            self.quit(grace)

    def _close(self) -> None:
        """End the threads and give back what they held."""
        if self._thread is not None:
            self._thread.close(self._disconnect, _KILL_SECONDS)
        if self._work is not None:
            self._work.stop(_KILL_SECONDS)
        if self._process is not None:
            self._process.close()

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()

    # The client's own thread.

    def _take_stdout(self, line: str | None) -> None:
        if not self._first_line.done():
            self._first_line.set_result(line)

    def _take_stderr(self, line: str) -> None:
        if self._on_log is None:
            return
        try:
            self._on_log(parse_log_line(line))
        except Exception:  # noqa: BLE001 - the callback is somebody else's, the thread is ours
            _log.exception("a callback for a plugin's log failed")

    # What errors mean.

    def _started(self) -> PluginProcess:
        if self._process is None:
            raise PluginError(
                "the plugin was not started: call start, or use the client in a with statement"
            )
        return self._process

    def _connected(self) -> HostConnection:
        self._started()
        if self._connection is None:
            raise PluginError("the plugin has not started up")
        return self._connection

    def _explain(self, error: Exception) -> Exception:
        """A connection that broke because the process ended is a `PluginExited`."""
        process = self._started()
        code = process.wait(_EXIT_SECONDS)
        if code is None:
            return error if isinstance(error, PluginError) else SessionClosed(str(error))
        return PluginExited(str(error), code, process.last_stderr_lines)


def _auto_mtls() -> HostSide:
    from goplugin.runtime._auto_mtls import HostSide  # noqa: PLC0415 - rarely asked for, and slow

    return HostSide()
