"""Real servers on loopback: the official SDK's, and one that answers whatever a test wants."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from a2a.helpers.proto_helpers import new_data_part, new_task_from_user_message, new_text_message
from a2a.helpers.proto_helpers import new_text_part as text_part
from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.events import EventQueue
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.routes.agent_card_routes import create_agent_card_routes
from a2a.server.routes.jsonrpc_routes import create_jsonrpc_routes
from a2a.server.routes.rest_routes import create_rest_routes
from a2a.server.tasks import InMemoryTaskStore, TaskUpdater
from a2a.types import a2a_pb2
from starlette.applications import Starlette

from canary_verdict import EXTENSION_URI, VERDICT_MEDIA_TYPE
from rollouts_plugin_metric_ai.a2a_client import AgentClient

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

RUN_UID = "3f0c5f9e-6f6e-4a4b-9c3e-2f9f6a1f0b11"


@dataclass
class OfficialAgent(AgentExecutor):
    """Does what the text of a message says: `hold`, `verdict`, or `speak`."""

    verdict: dict[str, object]
    seen: list[a2a_pb2.Message] = field(default_factory=list)
    contexts: list[RequestContext] = field(default_factory=list)
    url: str = ""

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        assert context.message is not None
        self.seen.append(context.message)
        self.contexts.append(context)
        text = context.get_user_input()
        if text == "speak":
            await event_queue.enqueue_event(new_text_message("nothing to say"))
            return
        task = context.current_task or new_task_from_user_message(context.message)
        await event_queue.enqueue_event(task)
        updater = TaskUpdater(event_queue, task.id, task.context_id)
        await updater.start_work(updater.new_agent_message([text_part("reading logs")]))
        if text == "hold":
            await asyncio.Event().wait()
        data = new_data_part(self.verdict, media_type=VERDICT_MEDIA_TYPE)
        await updater.add_artifact([data, text_part("the same in prose")], name="canary-verdict")
        await updater.complete()

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        assert context.task_id is not None
        assert context.context_id is not None
        await TaskUpdater(event_queue, context.task_id, context.context_id).cancel()


@dataclass(frozen=True)
class Flavour:
    """What the official server serves."""

    transport: str
    version: str


def _card(url: str, flavour: Flavour) -> a2a_pb2.AgentCard:
    return a2a_pb2.AgentCard(
        name="official",
        description="a test's agent",
        version="7",
        supported_interfaces=[
            a2a_pb2.AgentInterface(
                url=url, protocol_binding=flavour.transport, protocol_version=flavour.version
            )
        ],
        capabilities=a2a_pb2.AgentCapabilities(
            extensions=[a2a_pb2.AgentExtension(uri=EXTENSION_URI)]
        ),
        default_input_modes=["text/plain"],
        default_output_modes=["text/plain"],
        skills=[a2a_pb2.AgentSkill(id="s", name="s", description="s", tags=["s"])],
    )


@asynccontextmanager
async def _serve(app: Starlette, listener: socket.socket) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        server.force_exit = True
        await task


def _listener() -> tuple[socket.socket, str]:
    listener = socket.create_server(("127.0.0.1", 0))
    return listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


@dataclass
class Seen:
    """One request as a raw server read it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def rpc(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body)
        return document


Handler = Callable[[Seen, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class RawServer:
    """Reads requests well and answers whatever its handler writes.

    A handler that returns leaves the connection open for the next request.
    """

    handler: Handler
    tls: ssl.SSLContext | None = None
    requests: list[Seen] = field(default_factory=list)
    connections: int = 0
    url: str = ""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self.tls)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http{'s' if self.tls else ''}://127.0.0.1:{port}"

    async def stop(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while not writer.is_closing():
                seen = await self._read(reader)
                self.requests.append(seen)
                await self.handler(seen, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def _read(self, reader: asyncio.StreamReader) -> Seen:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ")
        pairs = (line.split(": ", 1) for line in head[1:] if line)
        headers = {name.lower(): value for name, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        return Seen(method, target, headers, body)


def _answer(
    body: object = b"", status: str = "200 OK", *, version: str = "HTTP/1.1", **headers: str
) -> bytes:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named.setdefault("Content-Length", str(len(data)))
    lines = [f"{version} {status}", *(f"{name}: {value}" for name, value in named.items() if value)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + data


ServeRaw = Callable[..., Awaitable[RawServer]]


@pytest.fixture
async def serve_raw() -> AsyncIterator[ServeRaw]:
    """Starts raw servers; the argument is a handler, or the bytes of every answer."""
    servers: list[RawServer] = []

    async def start(answer: Handler | bytes, tls: ssl.SSLContext | None = None) -> RawServer:
        async def say(_: Seen, writer: asyncio.StreamWriter) -> None:
            assert isinstance(answer, bytes)
            writer.write(answer)

        server = RawServer(say if isinstance(answer, bytes) else answer, tls)
        await server.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        await server.stop()


@pytest.fixture
def answer() -> Callable[..., bytes]:
    """Makes the bytes of an HTTP answer."""
    return _answer


@pytest.fixture
def serve_answer(serve_raw: ServeRaw) -> Callable[..., Awaitable[RawServer]]:
    """Starts a raw server whose every answer is the same, made by `answer`."""

    async def start(*args: Any, **headers: str) -> RawServer:
        return await serve_raw(_answer(*args, **headers))

    return start


@pytest.fixture
def verdict() -> dict[str, object]:
    return {
        "schemaVersion": "1",
        "runUid": RUN_UID,
        "verdict": "promote",
        "confidence": 90,
        "analysis": "equal error rates",
    }


ServeOfficial = Callable[[Flavour], Awaitable[OfficialAgent]]


@pytest.fixture
async def serve_official(verdict: dict[str, object]) -> AsyncIterator[ServeOfficial]:
    """Starts the official SDK's server of one transport and version."""
    stops: list[Callable[[], Awaitable[object]]] = []

    async def start(flavour: Flavour) -> OfficialAgent:
        listener, url = _listener()
        agent = OfficialAgent(verdict, url=url)
        card = _card(url + ("/rpc" if flavour.transport == "JSONRPC" else ""), flavour)
        handler = DefaultRequestHandler(agent, InMemoryTaskStore(), card)
        legacy = flavour.version != "1.0"
        routes: list[BaseRoute] = []
        if flavour.transport == "JSONRPC":
            routes += create_jsonrpc_routes(handler, "/rpc", enable_v0_3_compat=legacy)
        else:
            routes += create_rest_routes(handler, enable_v0_3_compat=legacy)
        app = Starlette(routes=[*create_agent_card_routes(card), *routes])
        running = _serve(app, listener)
        await running.__aenter__()
        stops.append(lambda: running.__aexit__(None, None, None))
        return agent

    yield start
    for stop in reversed(stops):
        await stop()


@pytest.fixture
async def client() -> AsyncIterator[AgentClient]:
    async with AgentClient(user_agent="metric-ai/test") as client:
        # So that short deadlines are not spent on imports.
        await client.prepare()
        yield client


@pytest.fixture
def deadline() -> Callable[[float], float]:
    """Turns seconds from now into a deadline."""
    return lambda seconds: asyncio.get_running_loop().time() + seconds


@pytest.fixture
def flavour() -> type[Flavour]:
    return Flavour
