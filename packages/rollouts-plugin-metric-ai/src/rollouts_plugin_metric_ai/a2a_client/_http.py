"""One HTTP request and its whole answer, under a deadline and a bound."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
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
    from rollouts_plugin_metric_ai import http1


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request.

    Attributes:
        method: `GET` or `POST`.
        address: where to; checked against the policy.
        headers: besides those that every request has.
        body: JSON, or None.
        credentials: for the token and the TLS context.
        harmless: whether it may be sent once more where a kept connection turns out to be dead.
        accept: the media types that will do.
    """

    method: str
    address: Address
    headers: Mapping[str, str]
    body: bytes | None = None
    credentials: Credentials = NO_CREDENTIALS
    harmless: bool = False
    accept: str = "application/json, application/a2a+json"


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A whole answer. Header names are in lower case; of repeated headers the last counts."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpClient:
    """Sends requests. No redirects, no cookies, no proxy from the environment, no compression."""

    def __init__(
        self, policy: HostPolicy, user_agent: str, max_in_flight: int, limits: ClientLimits
    ) -> None:
        self._policy = policy
        self._user_agent = user_agent
        self._limits = limits
        self._flight = Flight(max_in_flight, limits)
        self._pools: OrderedDict[tuple[object, ...], http1.Pool] = OrderedDict()
        self._opening = asyncio.Lock()
        self._closed = False

    async def prepare(self) -> None:
        """Imports the engine, so that the first request need not wait for it."""
        await asyncio.to_thread(_engine)

    async def aclose(self) -> None:
        """Closes all connections; requests under way fail."""
        self._closed = True
        pools = list(self._pools.values())
        self._pools.clear()
        for pool in pools:
            await pool.aclose()

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
            async with asyncio.timeout_at(deadline):
                return await self._in_flight(request, slot)
        except TimeoutError as error:
            raise AgentUnreachable(
                f"no complete answer from {request.address} within "
                f"{max(0.0, deadline - begun):.1f} s: time ran out while {slot.stage}"
            ) from error

    async def _in_flight(self, request: HttpRequest, slot: Slot) -> HttpAnswer:
        async with self._flight.open:
            try:
                await slot.take()
                return await self._with_pool(request, slot)
            finally:
                slot.give_back()

    async def _with_pool(self, request: HttpRequest, slot: Slot) -> HttpAnswer:
        if self._closed:
            raise AgentUnreachable("this client is closed")
        tls = request.address.scheme == "https"
        key = ("https", *request.credentials.trust_key()) if tls else ("http",)
        pool = self._pools.get(key) or await self._open(key, request.credentials)
        self._pools.move_to_end(key)
        pool.users += 1
        try:
            return await self._attempt(pool, request, slot)
        finally:
            pool.users -= 1

    async def _attempt(self, pool: "http1.Pool", request: HttpRequest, slot: Slot) -> HttpAnswer:
        # Imported here, since whoever gets here has paid for it.
        from rollouts_plugin_metric_ai import http1  # noqa: PLC0415

        origin = request.address.origin
        try:
            return await self._exchange(pool, request, slot)
        except http1.HungUpError as error:
            raise AgentUnreachable(f"{origin} hung up while {slot.stage}") from error
        except http1.NoHttpError as error:
            said = snippet(str(error), request.credentials.secrets, limit=100)
            raise ProtocolViolation(f"{origin} answered with no HTTP/1.1: {said}") from error
        except OSError as error:
            reason = snippet(root_reason(error), limit=120)
            raise AgentUnreachable(
                f"no connection to {origin} while {slot.stage}: {reason}"
            ) from error

    async def _exchange(self, pool: "http1.Pool", request: HttpRequest, slot: Slot) -> HttpAnswer:
        connection, head = await pool.ask(self._outgoing(request), slot)
        try:
            await slot.take()
            return await self._read(connection, head, request.address)
        finally:
            pool.give_back(connection)

    def _outgoing(self, request: HttpRequest) -> "http1.Request":
        from rollouts_plugin_metric_ai import http1  # noqa: PLC0415 - as above

        address = request.address
        headers = [
            ("Host", address.netloc),
            ("User-Agent", self._user_agent),
            ("Accept", request.accept),
            ("Accept-Encoding", "identity"),
            *request.headers.items(),
            *request.credentials.headers_for(address.origin).items(),
        ]
        body = request.body or b""
        if request.body is not None:
            headers += [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        server = (address.host, address.port)
        return http1.Request(
            request.method, server, address.target, headers, body, request.harmless
        )

    async def _read(
        self, connection: "http1.Connection", head: "http1.Head", address: Address
    ) -> HttpAnswer:
        encoding = head.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in {"", "identity"}:
            raise ProtocolViolation(
                f"{address} answered with the encoding {snippet(encoding, limit=40)!r} although asked "
                f"for none, expected plain JSON"
            )
        limit = self._limits.max_body
        length = head.headers.get("content-length", "")
        if length.isdecimal() and int(length[:20]) > limit:
            raise _too_large(address, f"{length[:20]} bytes", limit)
        pieces, size = [], 0
        while piece := await connection.receive_body():
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                raise _too_large(address, f"more than {limit} bytes", limit)
        return HttpAnswer(head.status, head.headers, b"".join(pieces))

    async def _open(self, key: tuple[object, ...], credentials: Credentials) -> "http1.Pool":
        # Under a lock, so that a hundred first requests load the system's CAs once.
        async with self._opening:
            if key not in self._pools:
                engine = await asyncio.to_thread(_engine)
                tls = await asyncio.to_thread(load_tls, credentials) if key[0] == "https" else None
                self._pools[key] = engine.open_pool(self._policy, self._limits, tls)
                await self._close_surplus(key)
            return self._pools[key]

    async def _close_surplus(self, kept: tuple[object, ...]) -> None:
        surplus = max(0, len(self._pools) - self._limits.max_pools)
        idle = [key for key, pool in self._pools.items() if not pool.users and key != kept]
        for pool in [self._pools.pop(key) for key in idle[:surplus]]:
            await pool.aclose()


def _engine() -> ModuleType:
    from . import _connections  # noqa: PLC0415 - for the reason that it gives

    return _connections


def _too_large(address: Address, found: str, limit: int) -> ProtocolViolation:
    return ProtocolViolation(
        f"{address} answered with {found}, expected at most {limit}; let it shorten its answer"
    )
