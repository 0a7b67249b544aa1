"""A server as kagent's controller is one, without its agents: exact where others are lenient.

What is modelled (kagent 0.10's controller, read for facts): card and JSON-RPC route are chosen by the
header `A2A-Version`, compared as it stands: `1.0` is one, anything else the other; each route knows its
own methods alone. Beside that, what other servers were seen to do: task ids of 73 characters
(langgraph), timestamps without a zone (fasta2a).
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]
_METHODS = {
    "1.0": {"SendMessage": "send", "GetTask": "get", "CancelTask": "cancel"},
    "0.3": {"message/send": "send", "tasks/get": "get", "tasks/cancel": "cancel"},
}
MAX_BODY = 1_000_000


class Gateway:
    """Its state: one task at most.

    Args:
        versions: the protocol versions it has a card and a route for.
    """

    def __init__(self, *versions: str) -> None:
        self.versions = versions
        self.url = ""
        self.calls: list[tuple[str, str]] = []
        self.verdict = ""
        self.state = "working"
        self.context = ""

    @property
    def task_id(self) -> str:
        """73 characters: the context, a colon, and a run, as langgraph has it."""
        return f"{self.context}:{'0' * 36}"

    def card(self, header: str) -> Json:
        """The card for a request with this header; the older one where there is no newer."""
        card: Json = {"name": "gateway", "version": "1", "capabilities": {}}
        if header == "1.0" and "1.0" in self.versions:
            interface = {"url": self.url, "protocolBinding": "JSONRPC", "protocolVersion": "1.0"}
            return {**card, "supportedInterfaces": [interface]}
        return {**card, "url": self.url, "preferredTransport": "JSONRPC"}

    def answer(self, header: str, request: Json) -> Json:
        """The reply to one JSON-RPC request."""
        version = "1.0" if header == "1.0" else "0.3"
        self.calls.append((header, request["method"]))
        reply: Json = {"jsonrpc": "2.0", "id": request["id"]}
        what = _METHODS[version].get(request["method"]) if version in self.versions else None
        if what is None:
            return {**reply, "error": {"code": -32601, "message": "Method not found"}}
        if what == "send":
            self.context = request["params"]["message"]["contextId"]
        if what == "cancel":
            self.state = "canceled"
        task = self._task(version)
        wrapped = {"task": task} if version == "1.0" and what == "send" else task
        return {**reply, "result": wrapped}

    def _task(self, version: str) -> Json:
        state, kind = self.state, {"kind": "task"}
        if version == "1.0":
            state, kind = f"TASK_STATE_{self.state.upper()}", {}
        task: Json = {
            **kind,
            "id": self.task_id,
            "contextId": self.context,
            "status": {"state": state, "timestamp": "2026-01-31T12:00:00.123456"},
        }
        if self.state == "completed":
            part = (
                {"text": self.verdict}
                if version == "1.0"
                else {"kind": "text", "text": self.verdict}
            )
            task["artifacts"] = [{"artifactId": "a", "parts": [part]}]
        return task


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20
    gateway: Gateway

    def do_GET(self) -> None:
        if self.path == "/.well-known/agent-card.json":
            self._reply(200, self.gateway.card(self.headers.get("A2A-Version", "")))
        else:
            self._reply(404, {})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        if length > MAX_BODY:
            self._reply(413, {})
            return
        request = json.loads(self.rfile.read(length))
        self._reply(200, self.gateway.answer(self.headers.get("A2A-Version", ""), request))

    def _reply(self, status: int, document: Json) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Says nothing."""


@contextmanager
def serving(gateway: Gateway) -> Iterator[Gateway]:
    """The gateway on a loopback port of its own."""
    handler = type("Handler", (_Handler,), {"gateway": gateway})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        gateway.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield gateway
        finally:
            server.shutdown()
            thread.join(20)
