"""The process: socket, engine, application, and an orderly end."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import uvicorn

from canary_agent.process import Analyser
from canary_agent.store import AnalysisEngine, EngineSettings, StateLostError
from canary_agent.tracing import start_tracing

from .app import AppSettings, build_app
from .http import uvicorn_limits
from .waiting import Waiting

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """All that `serve` needs.

    Attributes:
        host: address to listen on.
        port: 0 takes a free one.
        grace: seconds that running analyses have to end after SIGTERM.
    """

    engine: EngineSettings
    app: AppSettings
    host: str = "127.0.0.1"
    port: int = 8080
    grace: float = 20.0


def serve(
    settings: ServeSettings, analyser: Analyser, announce: Callable[[str], None] = print
) -> int:
    """Serves until SIGTERM or SIGINT, then drains; a second signal ends the grace.

    Args:
        settings: see `ServeSettings`.
        analyser: what answers a question, in a child process.
        announce: gets one line with the address once the agent listens.

    Returns:
        0 after an orderly end.

    Raises:
        OSError: the address cannot be listened on.
        StateError: the state cannot be used.
        StateLostError: this process may work no more; it must end without waiting for its threads.
    """
    listener = _bind(settings.host, settings.port)
    with contextlib.closing(listener):
        engine = AnalysisEngine(settings.engine, analyser).launch()
        address = _address(listener)
        tracing = start_tracing(engine, os.environ)
        try:
            waiting = Waiting(engine)
            config = uvicorn.Config(
                build_app(engine, waiting, settings.app),
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                **uvicorn_limits(),
            )
            server = _Server(config, engine, waiting, settings.grace)
            server.on_started = lambda: announce(f"canary-agent listening on {address}")
            server.run(sockets=[listener])
        finally:
            if not engine.lost:
                engine.drain(0)
                engine.close()
                if tracing is not None:
                    tracing.close()
    if engine.lost:
        raise StateLostError(f"ended, since {engine.lost}; start it again")
    logger.info("ended in order")
    return 0


class _Server(uvicorn.Server):
    """uvicorn, but a signal drains first, while health and tasks are still answered."""

    def __init__(
        self,
        config: uvicorn.Config,
        engine: AnalysisEngine,
        waiting: Waiting,
        grace: float,
    ) -> None:
        super().__init__(config)
        self._engine = engine
        self._waiting = waiting
        self._grace = grace
        self._drain: asyncio.Task[None] | None = None
        self.on_started: Callable[[], None] = lambda: None
        engine.on_lost = self._lost
        if engine.lost:  # before anybody was told
            self._lost()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.on_started()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._signalled)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    def _lost(self) -> None:
        self.should_exit = True

    def _signalled(self) -> None:
        if self._drain is None:
            logger.info("draining, for up to %g s", self._grace)
            self._drain = asyncio.get_running_loop().create_task(self._drained())
        else:
            logger.info("the grace is over")
            self._engine.hurry()

    async def _drained(self) -> None:
        try:
            await asyncio.to_thread(self._engine.drain, self._grace)
        finally:
            self._waiting.release()
            self.should_exit = True


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    both = host == "::" and socket.has_dualstack_ipv6()
    listener = socket.create_server((host, port), family=family, backlog=512, dualstack_ipv6=both)
    # asyncio turns Nagle's algorithm off only for sockets that were made as TCP by name, which this
    # one was not; connections inherit it. Without, each answer waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
