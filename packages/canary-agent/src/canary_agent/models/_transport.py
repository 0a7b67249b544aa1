"""The one way to a provider: its own origin, no redirects, bounded answers."""

import urllib.request
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx2

MAX_ANSWER = 4 << 20
"""Bytes of one answer; those of models have some kilobytes."""

CONNECT_SECONDS = 10.0
_CONNECTIONS = 8
_PORTS = {"http": 80, "https": 443}


class GuardError(httpx2.TransportError):
    """A request or an answer that is not let through; the text holds nothing of either."""


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Lets requests to one origin through, and answers that end there.

    Args:
        inner: what connects.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner
        self.origin = ("", "", 0)
        """Scheme, host and port; requests to others are refused, all while it is empty."""

    def allow(self, url: str) -> None:
        """Sets the origin."""
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
        self.origin = (parts.scheme, (parts.hostname or "").lower(), port)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Sends the request.

        Raises:
            GuardError: it goes elsewhere, or its answer is a redirect or compressed.
        """
        url = request.url
        asked = (url.scheme, url.host.lower(), url.port or _PORTS.get(url.scheme, 0))
        if asked != self.origin:
            raise GuardError("a request to another host than the provider's was stopped")
        request.headers["Accept-Encoding"] = "identity"
        response = await self._inner.handle_async_request(request)
        if 300 <= response.status_code < 400:
            await response.aclose()
            raise GuardError("the provider answered with a redirect, which is not followed")
        if response.headers.get("Content-Encoding", "identity").lower() not in {"", "identity"}:
            await response.aclose()
            raise GuardError("the provider's answer is compressed, which was not asked for")
        response.stream = _Bounded(response.stream)
        return response

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._inner.aclose()


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: object) -> None:
        if not isinstance(stream, httpx2.AsyncByteStream):
            raise TypeError("the transport is not asynchronous")
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = MAX_ANSWER
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                raise GuardError(f"the provider's answer has more than {MAX_ANSWER} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def guarded_client(seconds: float) -> tuple[httpx2.AsyncClient, GuardedTransport]:
    """A client, and its transport, which lets nothing through before `allow` is called."""
    transport = GuardedTransport(_ByProxy())
    timeout = httpx2.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))
    client = httpx2.AsyncClient(
        transport=transport, timeout=timeout, follow_redirects=False, trust_env=False
    )
    return client, transport


class _ByProxy(httpx2.AsyncBaseTransport):
    """Connects, by the proxy that the environment names for the host, where it names one."""

    def __init__(self) -> None:
        self._transport: httpx2.AsyncHTTPTransport | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self._transport is None:
            proxy = _proxy(request.url.scheme, request.url.host)
            limits = httpx2.Limits(max_connections=_CONNECTIONS)
            self._transport = httpx2.AsyncHTTPTransport(proxy=proxy, limits=limits)
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        if self._transport is not None:
            await self._transport.aclose()


def _proxy(scheme: str, host: str) -> str | None:
    if urllib.request.proxy_bypass(host):
        return None
    return urllib.request.getproxies().get(scheme)
