"""Requests by route, whoever answers them."""

import re
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ._metrics import Metrics

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "DELETE", "OPTIONS"})
# A path is written by whoever asks: without a list, each scan would add a thousand series.
_ROUTES: Final = tuple(
    (re.compile(pattern), route)
    for pattern, route in (
        (r"/", "/"),
        (r"/\.well-known/agent(?:-card)?\.json", "card"),
        (r"/(?:healthz|readyz|a2a/health)", "health"),
        (r"/a2a/analyze", "/a2a/analyze"),
        (r"/metrics", "/metrics"),
        (r"/reports", "/reports"),
        (r"/reports/[^/]+", "/reports/{id}"),
        (r"/(?:v1/)?(?:message|tasks|extendedAgentCard|card)\b.*", "rest"),
    )
)


class CountedRequests:
    """ASGI middleware: counts requests and their time."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as the application does."""
        code = "none"

        async def noted(message: Message) -> None:
            nonlocal code
            if message["type"] == "http.response.start":
                code = str(message["status"])
            await send(message)

        began = time.monotonic()
        try:
            await self._app(scope, receive, noted)
        finally:
            route = _route(scope["path"])
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.requests.labels(method, route, code).inc()
            self._metrics.request_seconds.labels(route).observe(time.monotonic() - began)


def _route(path: str) -> str:
    return next((route for pattern, route in _ROUTES if pattern.fullmatch(path)), "other")
