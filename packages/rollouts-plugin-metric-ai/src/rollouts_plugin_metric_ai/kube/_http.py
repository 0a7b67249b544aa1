"""GET requests to one API server, answered as streams, under a deadline."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollouts_plugin_metric_ai._trust import root_reason

from ._access import ClusterAccess
from ._errors import KubeUnreachableError
from ._limits import KubeLimits

if TYPE_CHECKING:
    import httpcore2


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


class _Pool:
    def __init__(self, connections: "httpcore2.AsyncConnectionPool", access: ClusterAccess) -> None:
        self.connections = connections
        self.trust = access.trust
        self.users = 0


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
        self._pool: _Pool | None = None

    async def aclose(self) -> None:
        """Closes all connections; requests under way fail."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.connections.aclose()

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
        access = await asyncio.to_thread(self._find)
        async with self._lent(access) as connections:
            # Costs 0.1 s, which plugins that attach no logs may have paid for their agents already.
            import httpcore2  # noqa: PLC0415

            try:
                response = await connections.handle_async_request(
                    self._request(access, target, accept)
                )
                try:
                    async with aclosing(response.aiter_stream()) as stream:
                        yield Answer(response.status, stream)
                finally:
                    await response.aclose()
            except (
                httpcore2.NetworkError,
                httpcore2.ProtocolError,
                httpcore2.TimeoutException,
                OSError,
            ) as error:
                raise KubeUnreachableError(
                    f"no answer from {access.server.origin}: {root_reason(error)[:120]}"
                ) from error

    def _request(self, access: ClusterAccess, target: str, accept: str) -> "httpcore2.Request":
        import httpcore2  # noqa: PLC0415 - as above

        server = access.server
        headers = {
            "Host": server.netloc,
            "User-Agent": self._user_agent,
            "Accept": accept,
            "Accept-Encoding": "identity",
        }
        # client-go too sends no token over a connection that anybody can read.
        if access.token and server.scheme == "https":
            headers["Authorization"] = f"Bearer {access.token}"
        extensions: dict[str, object] = {"timeout": {"connect": self._limits.connect_seconds}}
        if access.server_name:
            extensions["sni_hostname"] = access.server_name
        return httpcore2.Request(
            "GET",
            httpcore2.URL(
                scheme=server.scheme,
                host=server.host,
                port=server.port,
                target=server.target.rstrip("/") + target,
            ),
            headers=list(headers.items()),
            extensions=extensions,
        )

    @asynccontextmanager
    async def _lent(self, access: ClusterAccess) -> "AsyncIterator[httpcore2.AsyncConnectionPool]":
        async with self._opening:
            if self._pool is None or self._pool.trust != access.trust:
                await self._replace(access)
            pool = self._pool
            assert pool is not None  # noqa: S101 - for the type checker
            pool.users += 1
        try:
            yield pool.connections
        finally:
            pool.users -= 1
            if pool is not self._pool and not pool.users:
                await pool.connections.aclose()

    async def _replace(self, access: ClusterAccess) -> None:
        import httpcore2  # noqa: PLC0415 - as above

        tls = await asyncio.to_thread(access.load_tls) if access.server.scheme == "https" else None
        old = self._pool
        self._pool = _Pool(
            httpcore2.AsyncConnectionPool(
                ssl_context=tls,
                max_connections=self._limits.connections,
                max_keepalive_connections=self._limits.connections,
                keepalive_expiry=30.0,
            ),
            access,
        )
        if old is not None and not old.users:
            await old.connections.aclose()
