"""Connections: httpcore2's pool over a backend that looks where it connects to.

httpcore2 is the engine of httpx2 and comes with it. It is used bare, because httpx2 lets nobody choose
the addresses of a connection, and to add redirects, cookies and proxies of the environment is what
a client of strangers' addresses must not do. Importing this module costs 0.1 s, so it is imported when
the first request is sent.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Iterable

import httpcore2

from ._address import HostPolicy, as_ip
from ._errors import AddressRefused, AgentUnreachable
from ._limits import ClientLimits

_MAX_ADDRESSES = 4
# Of several addresses the first may be one that swallows packets.
_FIRST_TRIES_SECONDS = 1.0

# It logs the headers of answers at debug, and what these hold is not ours to show.
logging.getLogger("httpcore2").setLevel(logging.WARNING)


class CheckedBackend(httpcore2.AsyncNetworkBackend):
    """Resolves names itself, asks the policy, and connects to the very address that was checked."""

    def __init__(self, policy: HostPolicy) -> None:
        self._policy = policy
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface of httpcore2
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connects to the first allowed address of `host` that answers."""
        *first, last = await self._addresses(host, port)
        for address in first:
            try:
                return await self._inner.connect_tcp(
                    address, port, _FIRST_TRIES_SECONDS, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return await self._inner.connect_tcp(last, port, timeout, local_address, socket_options)

    async def _addresses(self, host: str, port: int) -> list[str]:
        ip = as_ip(host)
        if ip is not None:
            self._policy.check_ip(ip, host)
            return [host]
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise AgentUnreachable(
                f"the name {host!r} does not resolve ({error.strerror}); check agentUrl"
            ) from error
        allowed, refusal = [], None
        for address in dict.fromkeys(str(entry[4][0]) for entry in found):
            try:
                self._check(address, host)
            except AddressRefused as error:
                refusal = error
            else:
                allowed.append(address)
        if not allowed:
            raise refusal or AgentUnreachable(f"the name {host!r} has no address")
        return allowed[:_MAX_ADDRESSES]

    def _check(self, address: str, host: str) -> None:
        ip = as_ip(address)
        if ip is None:
            # A zone, as in fe80::1%eth0, is a link-local address.
            raise AddressRefused(f"found {host!r} at {address}, expected no link-local address")
        self._policy.check_ip(ip, host)


def open_pool(
    policy: HostPolicy, limits: ClientLimits, tls: ssl.SSLContext | None
) -> httpcore2.AsyncConnectionPool:
    """A pool of HTTP/1.1 connections; `tls` may be None where only http is spoken."""
    return httpcore2.AsyncConnectionPool(
        ssl_context=tls,
        max_connections=limits.max_open,
        max_keepalive_connections=limits.max_idle,
        keepalive_expiry=limits.keepalive_seconds,
        network_backend=CheckedBackend(policy),
    )


async def warm_up() -> None:
    """Has anyio import what it needs for asyncio, which it otherwise does with the first connection."""
    await httpcore2.AnyIOBackend().sleep(0)
