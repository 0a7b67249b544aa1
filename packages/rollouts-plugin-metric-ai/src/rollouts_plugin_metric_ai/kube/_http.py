"""GET requests to one API server, answered as streams, under a deadline."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollouts_plugin_metric_ai._trust import root_reason

from ._access import ClusterAccess
from ._errors import KubeUnreachableError
from ._limits import KubeLimits

if TYPE_CHECKING:
    from rollouts_plugin_metric_ai import http1

_KEEPALIVE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer whose body has not been read yet."""

    status: int
    chunks: AsyncIterator[bytes]

    async def read(self, limit: int) -> bytes:
        """The whole body.

        Raises:
            KubeUnreachableError: it has more than `limit` bytes.
        """
        body = bytearray()
        async for chunk in self.chunks:
            body += chunk
            if len(body) > limit:
                raise KubeUnreachableError(f"the answer has more than {limit} bytes")
        return bytes(body)


class KubeHttp:
    """Connections to the API server; used on one event loop.

    No redirects, no proxy from the environment, no compression. Connections are made anew when CA or
    client certificate have changed; the token is that of the moment.
    """

    def __init__(
        self, find: Callable[[], ClusterAccess], limits: KubeLimits, user_agent: str
    ) -> None:
        """Opens nothing; `find` is called in a thread for each request."""
        self._find = find
        self._limits = limits
        self._user_agent = user_agent
        self._places = asyncio.Semaphore(limits.connections)
        self._opening = asyncio.Lock()
        self._pool: http1.Pool | None = None
        self._made_for: tuple[str, ...] = ()

    async def aclose(self) -> None:
        """Closes all connections; requests under way fail."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.aclose()

    @asynccontextmanager
    async def get(
        self, target: str, deadline: float, accept: str = "application/json, */*"
    ) -> AsyncIterator[Answer]:
        """Asks for `target`, path and query, and lends its answer.

        Args:
            target: as the API has it, beginning with a slash.
            deadline: on the running loop's clock, for all until the answer is given back.
            accept: the media types that will do.

        Raises:
            NoAccessError: as `find` has it.
            KubeUnreachableError: no complete answer.
        """
        try:
            async with (
                asyncio.timeout_at(deadline),
                self._places,
                self._exchange(target, accept) as answer,
            ):
                yield answer
        except TimeoutError as error:
            raise KubeUnreachableError("no complete answer in time") from error

    @asynccontextmanager
    async def _exchange(self, target: str, accept: str) -> AsyncIterator[Answer]:
        # Costs 15 ms, which plugins that attach no logs may have paid for their agents already.
        from rollouts_plugin_metric_ai import http1  # noqa: PLC0415

        access = await asyncio.to_thread(self._find)
        async with self._lent(access) as pool:
            try:
                connection, head = await pool.ask(self._request(access, target, accept), _Unseen())
                try:
                    yield Answer(head.status, _body(connection))
                finally:
                    pool.give_back(connection)
            except (http1.NoHttpError, OSError) as error:
                raise KubeUnreachableError(
                    f"no answer from {access.server.origin}: {root_reason(error)[:120]}"
                ) from error

    def _request(self, access: ClusterAccess, target: str, accept: str) -> "http1.Request":
        from rollouts_plugin_metric_ai import http1  # noqa: PLC0415 - as above

        server = access.server
        headers = [
            ("Host", server.netloc),
            ("User-Agent", self._user_agent),
            ("Accept", accept),
            ("Accept-Encoding", "identity"),
        ]
        # client-go too sends no token over a connection that anybody can read.
        if access.token and server.scheme == "https":
            headers.append(("Authorization", f"Bearer {access.token}"))
        return http1.Request(
            "GET",
            (server.host, server.port),
            server.target.rstrip("/") + target,
            headers,
            harmless=True,
        )

    @asynccontextmanager
    async def _lent(self, access: ClusterAccess) -> "AsyncIterator[http1.Pool]":
        async with self._opening:
            if self._pool is None or self._made_for != _trust(access):
                await self._replace(access)
            pool = self._pool
            assert pool is not None  # noqa: S101 - for the type checker
            pool.users += 1
        try:
            yield pool
        finally:
            pool.users -= 1
            if pool is not self._pool and not pool.users:
                await pool.aclose()

    async def _replace(self, access: ClusterAccess) -> None:
        from rollouts_plugin_metric_ai import http1  # noqa: PLC0415 - as above

        tls = await asyncio.to_thread(access.load_tls) if access.server.scheme == "https" else None
        old = self._pool
        limits = http1.PoolLimits(
            max_idle=self._limits.connections,
            keepalive_seconds=_KEEPALIVE_SECONDS,
            connect_seconds=self._limits.connect_seconds,
        )
        self._pool = http1.Pool(http1.resolve_any, tls, limits, access.server_name)
        self._made_for = _trust(access)
        if old is not None and not old.users:
            await old.aclose()


def _trust(access: ClusterAccess) -> tuple[str, ...]:
    """Equal for accesses that can share connections."""
    return (*access.trust, access.server_name)


async def _body(connection: "http1.Connection") -> AsyncIterator[bytes]:
    while piece := await connection.receive_body():
        yield piece


class _Unseen:
    """Nobody asks what a request to the API server is doing."""

    stage = ""

    def wait(self) -> None:
        pass
