"""One HTTP request and its whole answer, under a deadline and a bound."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

from rollouts_plugin_metric_ai._trust import root_reason

from ._address import Address, HostPolicy
from ._credentials import NO_CREDENTIALS, Credentials, load_tls
from ._errors import AgentUnreachable, ProtocolViolation
from ._flight import Flight, Slot
from ._limits import ClientLimits
from ._text import snippet

if TYPE_CHECKING:
    import httpcore2


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request.

    Attributes:
        method: `GET` or `POST`.
        address: where to; checked against the policy.
        headers: besides those that every request has.
        body: JSON, or None.
        credentials: for the token and the TLS context.
    """

    method: str
    address: Address
    headers: Mapping[str, str]
    body: bytes | None = None
    credentials: Credentials = NO_CREDENTIALS


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A whole answer. Header names are in lower case; of repeated headers the last counts."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Pool:
    def __init__(self, pool: "httpcore2.AsyncConnectionPool") -> None:
        self.connections = pool
        self.users = 0


class HttpClient:
    """Sends requests. No redirects, no cookies, no proxy from the environment, no compression."""

    def __init__(
        self, policy: HostPolicy, user_agent: str, max_in_flight: int, limits: ClientLimits
    ) -> None:
        self._policy = policy
        self._user_agent = user_agent
        self._limits = limits
        self._flight = Flight(max_in_flight, limits)
        self._pools: OrderedDict[tuple[object, ...], _Pool] = OrderedDict()
        self._opening = asyncio.Lock()
        self._closed = False

    async def prepare(self) -> None:
        """Imports the engine, so that the first request need not wait for it."""
        await (await asyncio.to_thread(_engine)).warm_up()

    async def aclose(self) -> None:
        """Closes all connections; requests under way fail."""
        self._closed = True
        pools = list(self._pools.values())
        self._pools.clear()
        for pool in pools:
            await pool.connections.aclose()

    async def request(self, request: HttpRequest, deadline: float) -> HttpAnswer:
        """Sends one request and reads its answer, whatever its status.

        Args:
            request: what to send.
            deadline: on the running loop's clock (`loop.time()`), for everything together.

        Raises:
            AddressRefused: the policy does not allow the address.
            CredentialsRefused: a CA or client certificate that cannot be loaded.
            AgentUnreachable: no complete answer.
            ProtocolViolation: no HTTP, compressed, or larger than `limits.max_body`.
        """
        self._policy.check(request.address)
        slot = self._flight.new_slot()
        begun = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(deadline), self._flight.hold(slot):
                return await self._exchange(request, slot)
        except TimeoutError as error:
            raise AgentUnreachable(
                f"no complete answer from {request.address} within "
                f"{max(0.0, deadline - begun):.1f} s: time ran out while {slot.stage}"
            ) from error

    async def _exchange(self, request: HttpRequest, slot: Slot) -> HttpAnswer:
        address = request.address
        async with self._pool(request) as pool:
            # Imported here for the reason that _pool.py gives.
            import httpcore2  # noqa: PLC0415

            try:
                response = await pool.handle_async_request(self._outgoing(request, slot))
                try:
                    return await self._read(response, address)
                finally:
                    await response.aclose()
            except httpcore2.ProtocolError as error:
                raise _broken(request, slot, error) from error
            except (httpcore2.NetworkError, httpcore2.TimeoutException, OSError) as error:
                raise AgentUnreachable(
                    f"no connection to {address.origin} while {slot.stage}: {snippet(root_reason(error), limit=120)}"
                ) from error

    def _outgoing(self, request: HttpRequest, slot: Slot) -> "httpcore2.Request":
        import httpcore2  # noqa: PLC0415 - as above

        address = request.address
        headers = {
            "Host": address.netloc,
            "User-Agent": self._user_agent,
            "Accept": "application/json, application/a2a+json",
            "Accept-Encoding": "identity",
            **request.headers,
            **request.credentials.headers_for(address.origin),
        }
        if request.body is not None:
            headers["Content-Type"] = "application/json"
            headers["Content-Length"] = str(len(request.body))
        return httpcore2.Request(
            request.method,
            httpcore2.URL(
                scheme=address.scheme, host=address.host, port=address.port, target=address.target
            ),
            headers=list(headers.items()),
            content=request.body or b"",
            extensions={
                "timeout": {"connect": self._limits.connect_seconds},
                "trace": slot.trace,
            },
        )

    async def _read(self, response: "httpcore2.Response", address: Address) -> HttpAnswer:
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in response.headers
        }
        encoding = headers.get("content-encoding", "identity").strip().lower()
        if encoding not in {"", "identity"}:
            raise ProtocolViolation(
                f"{address} answered with the encoding {snippet(encoding, limit=40)!r} although asked "
                f"for none, expected plain JSON"
            )
        limit = self._limits.max_body
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length[:20]) > limit:
            raise _too_large(address, f"{length[:20]} bytes", limit)
        body = bytearray()
        async with aclosing(response.aiter_stream()) as stream:
            async for chunk in stream:
                body += chunk
                if len(body) > limit:
                    raise _too_large(address, f"more than {limit} bytes", limit)
        return HttpAnswer(response.status, headers, bytes(body))

    @asynccontextmanager
    async def _pool(self, request: HttpRequest) -> "AsyncIterator[httpcore2.AsyncConnectionPool]":
        if self._closed:
            raise AgentUnreachable("this client is closed")
        tls = request.address.scheme == "https"
        key = ("https", *request.credentials.trust_key()) if tls else ("http",)
        pool = self._pools.get(key) or await self._open(key, request.credentials)
        self._pools.move_to_end(key)
        pool.users += 1
        try:
            yield pool.connections
        finally:
            pool.users -= 1

    async def _open(self, key: tuple[object, ...], credentials: Credentials) -> _Pool:
        # Under a lock, so that a hundred first requests load the system's CAs once.
        async with self._opening:
            if key not in self._pools:
                engine = await asyncio.to_thread(_engine)
                tls = await asyncio.to_thread(load_tls, credentials) if key[0] == "https" else None
                self._pools[key] = _Pool(engine.open_pool(self._policy, self._limits, tls))
                await self._close_surplus(key)
            return self._pools[key]

    async def _close_surplus(self, kept: tuple[object, ...]) -> None:
        surplus = max(0, len(self._pools) - self._limits.max_pools)
        idle = [key for key, pool in self._pools.items() if not pool.users and key != kept]
        for pool in [self._pools.pop(key) for key in idle[:surplus]]:
            await pool.connections.aclose()


def _engine() -> ModuleType:
    from . import _pool  # noqa: PLC0415 - for the reason that it gives

    return _pool


def _too_large(address: Address, found: str, limit: int) -> ProtocolViolation:
    return ProtocolViolation(
        f"{address} answered with {found}, expected at most {limit}; let the agent shorten its answer"
    )


def _broken(
    request: HttpRequest, slot: Slot, error: Exception
) -> AgentUnreachable | ProtocolViolation:
    origin = request.address.origin
    text = str(error)
    if "disconnected" in text or "peer closed connection" in text:
        return AgentUnreachable(f"{origin} hung up while {slot.stage}")
    said = snippet(text, request.credentials.secrets, limit=100)
    return ProtocolViolation(f"{origin} answered with no HTTP/1.1: {said}")
