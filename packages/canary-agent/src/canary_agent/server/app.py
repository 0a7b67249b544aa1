"""The ASGI application: A2A 1.0 and 0.3, JSON-RPC and HTTP+JSON, the older dialect, card and health."""

import asyncio
from dataclasses import dataclass

from a2a.server.routes.jsonrpc_routes import create_jsonrpc_routes
from a2a.server.routes.rest_routes import create_rest_routes
from a2a.types import UnsupportedOperationError
from a2a.utils.error_handlers import build_rest_error_payload
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from canary_agent import __version__
from canary_agent.metrics import CountedRequests, Metrics
from canary_agent.store import AnalysisEngine

from . import paths
from .card import agent_card
from .guard import Guard
from .handler import CanaryRequestHandler
from .older_endpoint import OlderEndpoint
from .origin import Origin
from .refusals import NO_STREAMS
from .reports import Reports
from .waiting import Waiting

READY_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSettings:
    """What the application needs to know.

    Attributes:
        token: the bearer token that is asked for; empty for none.
        public_url: origin under which clients reach the agent; empty: the one they used.
        max_body: bytes of a request's body.
        longest_wait: seconds that a blocking SendMessage waits at most.
        metrics_open: whether figures are told without the token.
    """

    token: str = ""
    public_url: str = ""
    max_body: int = 8 * 1024 * 1024
    longest_wait: float = 300.0
    metrics_open: bool = False


def build_app(engine: AnalysisEngine, waiting: Waiting, settings: AppSettings) -> ASGIApp:
    """The application over a launched engine; `waiting` holds its unanswered requests."""
    metrics = Metrics(engine)
    pages = _Pages(engine, settings, metrics)
    reports = Reports(engine)
    origin = Origin(settings.public_url)
    handler = CanaryRequestHandler(engine, waiting, settings.longest_wait, origin)
    rest = create_rest_routes(handler, enable_v0_3_compat=True)
    routes = [
        Route(paths.CARD, pages.card),
        Route(paths.ALIVE, pages.alive),
        Route(paths.READY, pages.ready),
        Route(paths.HEALTH, pages.health),
        Route(paths.ANALYZE, OlderEndpoint(engine, waiting).analyze, methods=["POST"]),
        Route(paths.METRICS, pages.metrics),
        Route(paths.REPORTS, reports.listing),
        Route(f"{paths.REPORTS}/{{id}}", reports.report),
        # The SDK's own break the connection off instead of answering with the error.
        Route("/v1/message:stream", pages.no_streams, methods=["POST"]),
        Route("/v1/tasks/{id}:subscribe", pages.no_streams, methods=["GET", "POST"]),
        *create_jsonrpc_routes(handler, "/", enable_v0_3_compat=True),
        # The SDK also mounts all of it below any first path segment, as a tenant; there are none here.
        *(route for route in rest if isinstance(route, Route)),
    ]
    open_paths = paths.OPEN_PATHS | ({paths.METRICS} if settings.metrics_open else set())
    guard = Guard(
        Starlette(routes=routes),
        token=settings.token,
        max_body=settings.max_body,
        open_paths=open_paths,
    )
    return CountedRequests(guard, metrics)


class _Pages:
    def __init__(self, engine: AnalysisEngine, settings: AppSettings, metrics: Metrics) -> None:
        self._engine = engine
        self._metrics = metrics
        self._settings = settings

    async def card(self, request: Request) -> Response:
        host = request.headers.get("host", "")
        origin = Origin(self._settings.public_url).of(host, request.url.scheme)
        if not origin:
            return JSONResponse({"error": "the Host header names no host"}, status_code=400)
        card = agent_card(origin, __version__, bearer=bool(self._settings.token))
        return JSONResponse(card, headers={"Cache-Control": "no-cache", "Vary": "Host"})

    async def alive(self, _request: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(self, _request: Request) -> Response:
        status = await self._status()
        return JSONResponse({"status": status}, status_code=200 if status == "ready" else 503)

    async def health(self, _request: Request) -> Response:
        """The older dialect's health: 200 where an analysis would be taken."""
        status = await self._status()
        healthy = status == "ready"
        document = {
            "status": "healthy" if healthy else status,
            "agent": "canary-agent",
            "version": __version__,
        }
        return JSONResponse(document, status_code=200 if healthy else 503)

    async def metrics(self, request: Request) -> Response:
        """The figures, where the database answers in time: they tell of the queue."""
        accept = request.headers.get("accept", "")
        try:
            async with asyncio.timeout(READY_SECONDS):
                content, media_type = await asyncio.to_thread(self._metrics.exposition, accept)
        except (TimeoutError, SQLAlchemyError):
            return JSONResponse({"error": "the database does not answer"}, status_code=503)
        return Response(content, media_type=media_type, headers={"Cache-Control": "no-store"})

    async def no_streams(self, _request: Request) -> Response:
        error = build_rest_error_payload(UnsupportedOperationError(NO_STREAMS))
        return JSONResponse(error, status_code=error["error"]["code"])

    async def _status(self) -> str:
        if self._engine.draining:
            return "draining"
        try:
            async with asyncio.timeout(READY_SECONDS):
                answers = await asyncio.to_thread(self._engine.tasks.answers)
        except TimeoutError:
            answers = False
        return "ready" if answers else "the database does not answer"
