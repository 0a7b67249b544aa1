"""An A2A agent that does as little as an agent can, in a process of its own: `python -m bench._agent MODE`.

It prints its address, serves until its standard input ends, and has four modes: `answer` answers at once, and keeps a
task working for as many seconds as the request's extraPrompt says; `older` speaks the older dialect alone, whose call
takes those seconds; `hang` accepts connections and never answers; `hang-send` serves its card and never answers anything
else. `GET /stats` tells when tasks began and ended, by the word after the seconds in extraPrompt, or by the run's uid.
"""

import asyncio
import json
import sys
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from canary_verdict import EXTENSION_URI, VERDICT_MEDIA_TYPE, CanaryVerdict, Verdict

Document = dict[str, Any]

MODES = ("answer", "older", "hang", "hang-send")


class Tasks:
    """All tasks, by id, which is made of the key that `stats` tells them by."""

    def __init__(self) -> None:
        self._tasks: dict[str, Document] = {}

    def answer(self, method: str, params: Document) -> Document:
        """The result of one JSON-RPC method.

        Raises:
            KeyError: no such task, or no such method.
        """
        match method:
            case "SendMessage":
                return {"task": self._submit(params["message"])}
            case "GetTask":
                task = self._tasks[params["id"]]
                task["polls"] += 1
                return self._public(task)
            case "CancelTask":
                task = self._tasks[params["id"]]
                task["ends"] = min(task["ends"], time.time())
                return self._public(task)
            case "ListTasks":
                return {"tasks": [], "nextPageToken": "", "pageSize": 50, "totalSize": 0}
        raise KeyError(method)

    def stats(self) -> Document:
        """Unix times, and how often it was submitted and asked for, by the task's key."""
        return {
            task["key"]: {name: task[name] for name in ("begun", "ends", "sends", "polls")}
            for task in self._tasks.values()
        }

    def begin(self, prompt: str, uid: str, context: str = "") -> Document:
        """The task of an extraPrompt, which may be there already."""
        seconds, _, key = prompt.partition(" ")
        begun = time.time()
        task = self._tasks.setdefault(
            f"task-{key or uid}",
            {
                "key": key or uid,
                "uid": uid,
                "context": context,
                "begun": begun,
                "ends": begun + float(seconds),
                "sends": 0,
                "polls": 0,
            },
        )
        task["sends"] += 1
        return task

    def _submit(self, message: Document) -> Document:
        request = message["parts"][1]["data"]
        uid = request["run"]["uid"]
        return self._public(self.begin(request["extraPrompt"], uid, message["contextId"]))

    def _public(self, task: Document) -> Document:
        now = datetime.now(UTC)
        done = now.timestamp() >= task["ends"]
        shown: Document = {
            "id": f"task-{task['key']}",
            "contextId": task["context"],
            "status": {
                "state": "TASK_STATE_COMPLETED" if done else "TASK_STATE_WORKING",
                # As of a state's begin; while it works, each answer is a sign of life.
                "timestamp": (
                    datetime.fromtimestamp(task["ends"], UTC) if done else now
                ).isoformat(),
            },
        }
        if done:
            verdict = CanaryVerdict(task["uid"], Verdict.PROMOTE, 90.0, analysis="bench").to_json()
            part = {"data": verdict, "mediaType": VERDICT_MEDIA_TYPE}
            shown["artifacts"] = [{"artifactId": "a", "name": "canary-verdict", "parts": [part]}]
        return shown


class Connection(asyncio.Protocol):
    """HTTP/1.1 with Content-Length, which is all that the plugin speaks."""

    def __init__(self, mode: str, tasks: Tasks) -> None:
        self._mode = mode
        self._tasks = tasks
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].decode("latin-1")
            whole = end + 4 + _content_length(head)
            if len(self._buffer) < whole:
                return
            body, self._buffer = self._buffer[end + 4 : whole], self._buffer[whole:]
            self._respond(head, body)

    def _respond(self, head: str, body: bytes) -> None:
        if head.startswith("GET /stats "):
            self._send(self._tasks.stats())
        elif self._mode == "older":
            self._respond_older(head, body)
        elif self._mode != "hang":
            self._respond_a2a(head, body)

    def _respond_older(self, head: str, body: bytes) -> None:
        if head.startswith("GET /a2a/health "):
            self._send({"status": "UP"})
        elif head.startswith("POST /a2a/analyze "):
            task = self._tasks.begin(json.loads(body)["context"]["extraPrompt"], str(uuid.uuid4()))
            answer = {"promote": True, "confidence": 90, "analysis": "bench"}
            wait = max(0.0, task["ends"] - time.time())
            asyncio.get_running_loop().call_later(wait, self._send, answer)
        else:
            self._send({}, "404 Not Found")

    def _respond_a2a(self, head: str, body: bytes) -> None:
        document: Document
        if head.startswith("GET /.well-known/agent-card.json "):
            document = self._card()
        elif self._mode == "hang-send":
            return
        else:
            document = self._call(json.loads(body))
        self._send(document)

    def _send(self, document: Document, status: str = "200 OK") -> None:
        payload = json.dumps(document).encode()
        assert self._transport is not None
        self._transport.write(
            b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: "
            b"%d\r\n\r\n%b" % (status.encode(), len(payload), payload)
        )

    def _call(self, request: Document) -> Document:
        reply: Document = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            reply["result"] = self._tasks.answer(request["method"], request["params"])
        except KeyError as missing:
            reply["error"] = {"code": -32001, "message": f"no such task: {missing}"}
        return reply

    def _card(self) -> Document:
        return {
            "name": "bench",
            "version": "1",
            "capabilities": {"extensions": [{"uri": EXTENSION_URI}]},
            "supportedInterfaces": [
                {"url": "/rpc", "protocolBinding": "JSONRPC", "protocolVersion": "1.0"}
            ],
        }


def _content_length(head: str) -> int:
    for line in head.split("\r\n")[1:]:
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(value)
    return 0


async def serve(mode: str) -> None:
    """Serves until standard input ends, as it does when the bench does."""
    loop, tasks = asyncio.get_running_loop(), Tasks()
    server = await loop.create_server(lambda: Connection(mode, tasks), "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in MODES:
        sys.exit(f"usage: python -m bench._agent {'|'.join(MODES)}")
    asyncio.run(serve(sys.argv[1]))
