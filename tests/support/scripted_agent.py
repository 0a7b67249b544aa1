"""An A2A agent that does what a test tells it, on a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from canary_verdict import EXTENSION_URI, VERDICT_MEDIA_TYPE

Answer = dict[str, Any]
Handler = Callable[[Answer], Awaitable[Answer]]


class RpcError(Exception):
    """A JSON-RPC error of the code given."""

    def __init__(self, code: int, message: str = "refused") -> None:
        super().__init__(message)
        self.code = code


class HangUpError(Exception):
    """The connection is closed without an answer."""


@dataclass
class ScriptedAgent:
    """Answers A2A 1.0 over JSON-RPC, and the older dialect where `rest_status` is 200.

    `tasks` is its state; `handlers` replaces what a method does; `calls` is what it was asked, and
    `heads` the heads of all requests; `rpc_headers` are header lines of its answers, with line ends.
    """

    url: str = ""
    extended: bool = True
    card_status: int = 200
    rpc_status: int = 200
    rest_status: int = 404
    tasks: dict[str, Answer] = field(default_factory=dict)
    handlers: dict[str, Handler] = field(default_factory=dict)
    rpc_headers: str = ""
    heads: list[str] = field(default_factory=list)
    calls: list[tuple[str, Answer]] = field(default_factory=list)
    called: asyncio.Condition = field(default_factory=asyncio.Condition)

    def card(self) -> Answer:
        extensions = [{"uri": EXTENSION_URI}] if self.extended else []
        return {
            "name": "scripted",
            "version": "1",
            "capabilities": {"extensions": extensions},
            "supportedInterfaces": [
                {"url": f"{self.url}/rpc", "protocolBinding": "JSONRPC", "protocolVersion": "1.0"}
            ],
        }

    def methods(self) -> list[str]:
        return [method for method, _ in self.calls]

    def sent(self) -> list[Answer]:
        return [params["message"] for method, params in self.calls if method == "SendMessage"]

    def set_state(self, task_id: str, state: str, **more: object) -> None:
        self.tasks[task_id]["status"] = {"state": f"TASK_STATE_{state}", **more}

    def finish(self, task_id: str, verdict: Answer) -> None:
        self.set_state(task_id, "COMPLETED")
        self.tasks[task_id]["artifacts"] = [
            {
                "artifactId": "a",
                "name": "canary-verdict",
                "parts": [{"data": verdict, "mediaType": VERDICT_MEDIA_TYPE}],
            }
        ]

    async def wait_for_call(self, method: str, count: int = 1) -> None:
        async with asyncio.timeout(20), self.called:
            await self.called.wait_for(lambda: self.methods().count(method) >= count)

    async def answer(self, method: str, params: Answer) -> Answer:
        async with self.called:
            self.calls.append((method, params))
            self.called.notify_all()
        handler = self.handlers.get(method) or getattr(self, f"on_{method}")
        return await handler(params)

    async def on_SendMessage(self, params: Answer) -> Answer:  # noqa: N802 - the method's name
        message = params["message"]
        known = [task for task in self.tasks.values() if task["message_id"] == message["messageId"]]
        if known and self.extended:  # as our own agent does, and no other
            return {"task": public(known[0])}
        task_id = f"task-{len(self.tasks) + 1}"
        self.tasks[task_id] = {
            "id": task_id,
            "contextId": message["contextId"],
            "message_id": message["messageId"],
        }
        self.set_state(task_id, "WORKING", timestamp="2026-01-31T12:00:00Z")
        return {"task": public(self.tasks[task_id])}

    async def on_GetTask(self, params: Answer) -> Answer:  # noqa: N802
        if params["id"] not in self.tasks:
            raise RpcError(-32001)
        return public(self.tasks[params["id"]])

    async def on_ListTasks(self, params: Answer) -> Answer:  # noqa: N802
        context = params["contextId"]
        found = [public(task) for task in self.tasks.values() if task["contextId"] == context]
        return {"tasks": found, "nextPageToken": "", "pageSize": 50, "totalSize": len(found)}

    async def on_CancelTask(self, params: Answer) -> Answer:  # noqa: N802
        if params["id"] not in self.tasks:
            raise RpcError(-32001)
        self.set_state(params["id"], "CANCELED")
        return public(self.tasks[params["id"]])


def public(task: Answer) -> Answer:
    return {name: value for name, value in task.items() if name != "message_id"}


async def serve(
    agent: ScriptedAgent, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lengths = [
                int(line.split(":")[1])
                for line in head.splitlines()
                if line.lower().startswith("content-length:")
            ]
            body = await reader.readexactly(lengths[0] if lengths else 0)
            agent.heads.append(head)
            status, document = await respond(agent, head, body)
            payload = json.dumps(document).encode()
            writer.write(
                f"HTTP/1.1 {status} -\r\ncontent-type: application/json\r\n{agent.rpc_headers}"
                f"content-length: {len(payload)}\r\n\r\n".encode()
                + payload
            )
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, HangUpError):
        pass
    finally:
        writer.close()


async def respond(agent: ScriptedAgent, head: str, body: bytes) -> tuple[int, Answer]:
    if head.startswith("GET /.well-known/agent-card.json"):
        return agent.card_status, agent.card() if agent.card_status == 200 else {}
    if head.startswith("GET /a2a/health"):
        return agent.rest_status, {}
    if head.startswith("POST /a2a/analyze") and agent.rest_status == 200:
        return 200, await agent.answer("analyze", json.loads(body))
    if not head.startswith("POST /rpc"):
        return 404, {}
    if agent.rpc_status != 200:
        return agent.rpc_status, {}
    request = json.loads(body)
    reply: Answer = {"jsonrpc": "2.0", "id": request["id"]}
    try:
        reply["result"] = await agent.answer(request["method"], request["params"])
    except RpcError as fault:
        reply["error"] = {"code": fault.code, "message": str(fault)}
    return 200, reply


@asynccontextmanager
async def listening(host: str = "127.0.0.1") -> AsyncIterator[ScriptedAgent]:
    """A scripted agent on a port of its own."""
    scripted = ScriptedAgent()
    connections: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        with suppress(asyncio.CancelledError):  # the end of the test
            await serve(scripted, reader, writer)

    server = await asyncio.start_server(accept, host, 0)
    scripted.url = f"http://{host}:{server.sockets[0].getsockname()[1]}"
    try:
        yield scripted
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
