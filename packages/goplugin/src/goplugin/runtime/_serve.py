"""`serve`: from the process's start to its end (server.go: Serve)."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from goplugin.runtime._environment import Environment
from goplugin.runtime._listener import Listener
from goplugin.runtime._private_folder import sweep
from goplugin.wire import DEFAULT_LIMITS, Limits
from goplugin.wire.handshake import (
    CORE_VERSION,
    NETRPC,
    UNIX,
    HandshakeConfig,
    HandshakeLine,
    negotiate_version,
)

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterator, Mapping

    from goplugin.runtime._auto_mtls import PluginSide
    from goplugin.runtime._mux_broker import MuxBroker
    from goplugin.runtime._server import PluginServer
    from goplugin.runtime._service import Service

_STARTED_BY_HAND = """\
This program is a plugin: it is started by the program that uses it, not by hand.
Configure it there (its path, or where to fetch it from); that program starts it,
and finds it by the environment variable {key}, which is not set as it should be.
"""
_SWITCH_SECONDS = 0.0005  # 5 ms, the default, make Ping's p99 twice as long under load
_FORCE_SECONDS = 0.5


class ServeConfig(NamedTuple):  # a dataclass takes 17 ms more to import, before the handshake line
    """What a plugin serves (server.go: ServeConfig).

    Attributes:
        handshake: The same as the host's.
        plugins: By the name that hosts dispense: a function that makes the service. It is called on the plugin's asyncio
            loop, for each dispense, when the first call comes; so it is the place for imports that take long.
        logger: Where to log what the host should know; None: the logger `goplugin`, to which an `HclogHandler` is added
            where nobody has configured logging.
        limits: Bounds of everything that a host can make the plugin hold.
    """

    handshake: HandshakeConfig
    plugins: Mapping[str, Callable[[MuxBroker], Service]]
    logger: logging.Logger | None = None
    limits: Limits = DEFAULT_LIMITS


def serve(config: ServeConfig) -> int:
    """Be a plugin until the host has no more use for it. Call it from the main thread, with little imported before.

    Ping, Quit and Dispense are answered by this thread; handlers run on an asyncio loop in another one. While it serves,
    `sys.stdout` and `sys.stderr` go to the host over the connection (which most hosts throw away), SIGINT is ignored,
    SIGTERM and SIGHUP end it in order, and the interpreter switches threads every millisecond. It is the last thing that
    a process does: where a thread goes on after the end (a handler that blocks), the process is ended by force half a
    second after this function returns.

    Returns:
        The process's exit code: 0 after Quit, the host's end, or SIGTERM. 1 when started by hand (explained on stderr), when
        the host asks for AutoMTLS and the extra `goplugin[mtls]` is not installed, when the socket cannot be made, and when
        no host connects within a minute.
    """
    handshake = config.handshake
    if os.environ.get(handshake.magic_cookie_key) != handshake.magic_cookie_value:
        sys.stderr.write(_STARTED_BY_HAND.format(key=handshake.magic_cookie_key))
        return 1
    parent = os.getppid()
    environment = Environment.read(os.environ)
    stop = _StopSwitch()
    with _signals(stop):
        try:
            tls = _auto_mtls(environment)
            listener = _listen(environment, tls)
            try:
                certificate = "" if tls is None else tls.certificate
                _print_handshake(config, environment, listener.path, certificate)
                sweep(environment.temp_dir)
                return _run(config, listener, parent, stop)
            finally:
                listener.close()
        except _Refused as refusal:
            _default_logger(config.logger).error("%s", refusal)
            return 1


class _Refused(Exception):  # noqa: N818 - private, named for what happened
    """This plugin cannot serve this host; the text says why."""


def _auto_mtls(environment: Environment) -> PluginSide | None:
    if not environment.client_certificate:
        return None
    from goplugin.runtime._auto_mtls import PluginSide  # noqa: PLC0415 - rarely asked for
    from goplugin.runtime._errors import PluginError  # noqa: PLC0415

    try:
        return PluginSide(environment.client_certificate)
    except PluginError as error:
        raise _Refused(
            f"the host asks for AutoMTLS (PLUGIN_CLIENT_CERT): {error}; "
            "or set AutoMTLS to false in the host's ClientConfig"
        ) from error


def _listen(environment: Environment, tls: PluginSide | None) -> Listener:
    try:
        return Listener(environment, None if tls is None else tls.secure)
    except OSError as error:
        raise _Refused(f"cannot make the plugin's socket: {error}") from error


def _print_handshake(
    config: ServeConfig, environment: Environment, address: str, certificate: str
) -> None:
    version = negotiate_version([config.handshake.protocol_version], environment.protocol_versions)
    multiplexing = (
        True if environment.multiplex_grpc else None
    )  # what Go's servers answer, net/rpc ones too
    line = HandshakeLine(CORE_VERSION, version, UNIX, address, NETRPC, certificate, multiplexing)
    try:
        os.write(1, os.fsencode(line.format()) + b"\n")
    except OSError as error:
        raise _Refused(f"cannot tell the host the handshake: {error}") from error


def _run(config: ServeConfig, listener: Listener, parent: int, stop: _StopSwitch) -> int:
    # Imported only now: the host can read the handshake line and connect meanwhile.
    from goplugin.runtime._server import PluginServer  # noqa: PLC0415
    from goplugin.runtime._stdio import text_stream  # noqa: PLC0415

    logger = _default_logger(config.logger)
    server = PluginServer(listener, config.plugins, config.limits, logger, parent)
    before = sys.stdout, sys.stderr, sys.getswitchinterval(), threading.excepthook
    sys.stdout = text_stream(server.stdout_buffer, "<stdout>")
    sys.stderr = text_stream(server.stderr_buffer, "<stderr>")
    sys.setswitchinterval(_SWITCH_SECONDS)
    threading.excepthook = lambda args: logger.error(
        "a thread failed",
        exc_info=(args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback),
    )
    stop.connect(server)
    try:
        code = server.run()
        _make_sure_of_the_end(stuck=server.stuck, exit_code=code)
        return code
    finally:
        sys.stdout, sys.stderr = before[:2]
        sys.setswitchinterval(before[2])
        threading.excepthook = before[3]


def _make_sure_of_the_end(*, stuck: bool, exit_code: int) -> None:
    """End the process by force where a thread would keep it alive: a plugin must not outlive its host."""
    others = [one for one in threading.enumerate() if one is not threading.main_thread()]
    if not stuck and all(one.daemon for one in others):
        return

    def end() -> None:
        threading.Event().wait(_FORCE_SECONDS)
        os._exit(exit_code)

    threading.Thread(target=end, name="goplugin-end", daemon=True).start()


class _StopSwitch:
    """Remembers a signal that comes before there is a server to stop."""

    def __init__(self) -> None:
        self._server: PluginServer | None = None
        self._signal = 0

    def connect(self, server: PluginServer) -> None:
        self._server = server
        if self._signal:
            server.stop(f"signal {self._signal}")

    def __call__(self, number: int, _frame: object) -> None:
        self._signal = number
        if self._server is not None:
            self._server.stop(f"signal {number}")


@contextmanager
def _signals(stop: _StopSwitch) -> Iterator[None]:
    """Ignore SIGINT, which a terminal sends to host and plugins alike; end in order on SIGTERM and SIGHUP.

    SIGINT gets a handler that does nothing, because SIG_IGN would be inherited by processes that the plugin starts. Outside
    the main thread Python takes no handlers: signals stay as they are then.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers: dict[int, object] = {
        signal.SIGINT: lambda _number, _frame: None,
        signal.SIGTERM: stop,
        signal.SIGHUP: stop,
    }
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}  # type: ignore[arg-type]
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _default_logger(logger: logging.Logger | None) -> logging.Logger:
    if logger is not None:
        return logger
    import logging  # noqa: PLC0415 - 18 ms, after the handshake line

    from goplugin.runtime.hclog import HclogHandler  # noqa: PLC0415

    logger = logging.getLogger("goplugin")
    if not logger.hasHandlers():
        logger.addHandler(HclogHandler())
    return logger
