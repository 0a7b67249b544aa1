"""Connecting: to the very addresses that were resolved, and with TLS where it is asked for."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from ._connection import Connection, Progress

if TYPE_CHECKING:
    import ssl

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""From host and port to the addresses to be tried, in order, at least one; raises where there is none."""

# Of several addresses the first may be one that swallows packets.
_FIRST_TRIES_SECONDS = 1.0
_GOODBYE_SECONDS = 1.0


class ConnectTimeoutError(ConnectionError):
    """Nobody answered in the time that connecting may take."""


async def resolve_any(host: str, port: int) -> Sequence[str]:
    """All addresses of `host`.

    Raises:
        OSError: the name does not resolve.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def dial(
    connection: Connection,
    addresses: Sequence[str],
    tls: "tuple[ssl.SSLContext, str] | None",
    seconds: float,
    progress: Progress,
) -> None:
    """Connects `connection` to the first of `addresses` that answers.

    Args:
        connection: not connected yet; its server's port is used.
        addresses: numbers, no names.
        tls: a context, and the name that the server's certificate has to have; None for plain bytes.
        seconds: that a TCP connection may take, and as many a TLS handshake.
        progress: told of the stages.

    Raises:
        OSError: nobody answers, or the TLS handshake failed (ssl.SSLError).
    """
    progress.stage = "connecting"
    _, port = connection.server
    *first, last = addresses
    sock = None
    for address in first:
        try:
            sock = await _connect(address, port, _FIRST_TRIES_SECONDS)
            break
        except OSError:
            continue
    if sock is None:
        sock = await _connect(last, port, seconds)
    loop = asyncio.get_running_loop()
    try:
        if tls is None:
            await loop.create_connection(lambda: connection, sock=sock)
            return
        progress.stage = "in the TLS handshake"
        context, name = tls
        await loop.create_connection(
            lambda: connection,
            sock=sock,
            ssl=context,
            server_hostname=name,
            ssl_handshake_timeout=seconds,
            ssl_shutdown_timeout=_GOODBYE_SECONDS,
        )
    except BaseException:
        sock.close()
        raise


async def _connect(address: str, port: int, seconds: float) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(0.0)
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().sock_connect(sock, (address, port))
    except TimeoutError as error:
        sock.close()
        if error.errno is not None:  # the kernel's own
            raise
        raise ConnectTimeoutError(f"no answer within {seconds:g} s") from error
    except BaseException:
        sock.close()
        raise
    return sock
