"""Connections that are kept for the next request to the same server."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._connection import Connection, Head, HungUpError, Progress, Request
from ._dial import Resolve, dial

if TYPE_CHECKING:
    import ssl

_GOODBYE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """Bounds of a pool.

    Attributes:
        max_idle: connections kept, of all servers together.
        keepalive_seconds: how long an idle one is kept.
        connect_seconds: for one TCP connection or one TLS handshake.
    """

    max_idle: int
    keepalive_seconds: float
    connect_seconds: float


class Pool:
    """Connections with the same TLS context, or with none; for one event loop.

    How many are in use at once is up to whoever takes them.

    Args:
        resolve: says where a host may be connected to.
        tls: the context; None for plain HTTP.
        limits: all bounds.
        server_name: the name in the servers' certificates, where it is not the host's.

    Attributes:
        users: for the owner: how many requests hold this pool.
    """

    def __init__(
        self,
        resolve: Resolve,
        tls: "ssl.SSLContext | None",
        limits: PoolLimits,
        server_name: str = "",
    ) -> None:
        self._resolve = resolve
        self._tls = tls
        self._limits = limits
        self._server_name = server_name
        self._idle: list[Connection] = []  # the one used last comes last
        self._all: set[Connection] = set()
        self._sweep: asyncio.TimerHandle | None = None
        self._closed = False
        self._empty: asyncio.Event | None = None
        self.users = 0

    async def ask(self, request: Request, progress: Progress) -> tuple[Connection, Head]:
        """Sends a request, and reads its answer up to the body.

        A harmless request is sent once more where a connection that was kept turns out to be dead.

        Args:
            request: what to send, and where to.
            progress: told how far it is.

        Returns:
            The connection, to be given back whatever happens, and the answer's head.

        Raises:
            NoHttpError: what came is no answer.
            OSError: there is no connection to be had, or it broke; HungUpError where the server closed it.
        """
        kept = self._kept(request.server)
        if kept is not None:
            try:
                return kept, await kept.ask(request, progress)
            except OSError:
                if not (request.harmless and kept.is_unanswered):
                    raise
        connection = await self._connect(request.server, progress)
        return connection, await connection.ask(request, progress)

    async def _connect(self, server: tuple[str, int], progress: Progress) -> Connection:
        progress.stage = "resolving the name"
        addresses = await self._resolve(*server)
        connection = Connection(server, self._forget)
        tls = None if self._tls is None else (self._tls, self._server_name or server[0])
        await dial(connection, addresses, tls, self._limits.connect_seconds, progress)
        self._all.add(connection)
        if self._closed:
            connection.abort()
            raise HungUpError("the pool was closed")
        return connection

    def give_back(self, connection: Connection) -> None:
        """Keeps the connection where it can serve again; otherwise hangs up."""
        if self._closed or not connection.is_reusable or not self._limits.max_idle:
            connection.abort()
            return
        connection.begin_next()
        if len(self._idle) >= self._limits.max_idle:
            self._idle.pop(0).close()
        connection.idle_until = _now() + self._limits.keepalive_seconds
        self._idle.append(connection)
        self._sweep_later(connection.idle_until)

    async def aclose(self) -> None:
        """Hangs up on all connections, those in use too, and waits a moment for their end."""
        self._closed = True
        self._idle.clear()
        if self._sweep is not None:
            self._sweep.cancel()
        for connection in tuple(self._all):
            connection.abort()
        if self._all:
            self._empty = asyncio.Event()
            with suppress(TimeoutError):
                async with asyncio.timeout(_GOODBYE_SECONDS):
                    await self._empty.wait()

    def _kept(self, server: tuple[str, int]) -> Connection | None:
        for connection in reversed(self._idle):
            if connection.server == server:
                self._idle.remove(connection)
                if connection.idle_until > _now() and connection.is_quiet:
                    return connection
                connection.close()
                return self._kept(server)
        return None

    def _forget(self, connection: Connection) -> None:
        self._all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        if self._empty is not None and not self._all:
            self._empty.set()

    def _sweep_later(self, when: float) -> None:
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_at(when, self._hang_up_on_idle)

    def _hang_up_on_idle(self) -> None:
        self._sweep = None
        while self._idle and self._idle[0].idle_until <= _now():
            self._idle.pop(0).close()
        if self._idle:
            self._sweep_later(self._idle[0].idle_until)


def _now() -> float:
    return asyncio.get_running_loop().time()
