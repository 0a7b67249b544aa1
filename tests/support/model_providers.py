"""Servers on loopback that speak as Gemini, OpenAI and Anthropic do, by their published schemas.

Gemini: `POST /v1beta/models/{model}:generateContent` (Generative Language API v1beta). OpenAI: `POST
/v1/chat/completions`. Anthropic: `POST /v1/messages`. What each answers is a list of replies that a test
gives; the last one is given again and again.
"""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

TOKENS_IN, TOKENS_OUT = 1200, 90
_CHUNK = b" " * 65_536
PATIENCE = 60.0


@dataclass(frozen=True)
class Reply:
    """One answer.

    Attributes:
        text: of the model: JSON of an opinion, as a test has it.
        how: `stop`, `length`, `refusal` or `blocked`; see each provider's shape.
        status: other than 200 the answer is an error of the provider's shape.
        cut: bytes of the body that are sent; the connection ends then.
        endless: the body never ends.
        held: nothing is sent before the server ends.
        raw: the body itself, whatever the provider's shape.
    """

    text: str = "{}"
    how: str = "stop"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    endless: bool = False
    held: bool = False
    raw: bytes | None = None


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]


class Provider:
    """A server of one shape: `gemini`, `openai` or `anthropic`."""

    def __init__(self, shape: str) -> None:
        self.shape = shape
        self.replies: list[Reply] = [Reply()]
        self.asked: list[Asked] = []
        self.ended = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.provider = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """The address as settings name it: OpenAI's ends with the version, the others' does not."""
        return self.origin + ("/v1" if self.shape == "openai" else "")

    def next_reply(self, asked: Asked) -> Reply:
        with self._lock:
            self.asked.append(asked)
            return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def body(self, asked: Asked, reply: Reply) -> bytes:
        if reply.raw is not None:
            return reply.raw
        write = ERRORS[self.shape] if reply.status >= 400 else ANSWERS[self.shape]
        return json.dumps(write(asked.body, reply)).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    provider: Provider

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that breaks off is no news here."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        provider = self.server.provider
        length = int(self.headers.get("Content-Length", 0))
        content = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.path, headers, json.loads(content or b"{}"))
        reply = provider.next_reply(asked)
        if reply.held:
            provider.ended.wait(PATIENCE)
            return
        body = provider.body(asked, reply)
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if not reply.endless:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if reply.cut is None else body[: reply.cut])
        while reply.endless and not provider.ended.is_set():
            self.wfile.write(_CHUNK)

    def do_GET(self) -> None:
        """Where a redirect leads: nobody is to come here."""
        self.server.provider.asked.append(Asked(self.path, dict(self.headers.items()), {}))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Nothing is logged."""


def _gemini(asked: Mapping[str, Any], reply: Reply) -> dict[str, Any]:
    usage = {
        "promptTokenCount": TOKENS_IN,
        "candidatesTokenCount": TOKENS_OUT,
        "totalTokenCount": TOKENS_IN + TOKENS_OUT,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": TOKENS_IN}],
    }
    common = {"usageMetadata": usage, "modelVersion": "gemini-2.5-flash", "responseId": "r-1"}
    if reply.how == "blocked":
        return {"promptFeedback": {"blockReason": "SAFETY"}, **common}
    reason = {"stop": "STOP", "length": "MAX_TOKENS", "refusal": "SAFETY"}[reply.how]
    tools = asked.get("tools", [{}])[0].get("functionDeclarations", [])
    part: dict[str, Any] = {"text": reply.text}
    if tools and reply.how == "stop":
        part = {"functionCall": {"name": tools[-1]["name"], "args": json.loads(reply.text)}}
    content = {} if reply.how == "refusal" else {"parts": [part], "role": "model"}
    candidate = {"content": content, "finishReason": reason, "index": 0}
    return {"candidates": [candidate], **common}


def _openai(asked: Mapping[str, Any], reply: Reply) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text, "refusal": None}
    reason = "length" if reply.how == "length" else "stop"
    if reply.how in {"refusal", "blocked"}:
        message |= {"content": None, "refusal": "I cannot help with that."}
    elif tools := asked.get("tools"):
        function = {"name": tools[-1]["function"]["name"], "arguments": reply.text}
        call = {"id": "call_1", "type": "function", "function": function}
        message |= {"content": None, "tool_calls": [call]}
        reason = "tool_calls" if reply.how == "stop" else reason
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1760000000,
        "model": asked.get("model", ""),
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": reason}],
        "usage": {
            "prompt_tokens": TOKENS_IN,
            "completion_tokens": TOKENS_OUT,
            "total_tokens": TOKENS_IN + TOKENS_OUT,
        },
    }


def _anthropic(asked: Mapping[str, Any], reply: Reply) -> dict[str, Any]:
    reason = {"stop": "end_turn", "length": "max_tokens"}.get(reply.how, "refusal")
    content: list[dict[str, Any]] = [{"type": "text", "text": reply.text}]
    tools = asked.get("tools")
    if reply.how in {"refusal", "blocked"}:
        content = []
    elif tools and reply.how == "stop":
        call = {"id": "toolu_1", "name": tools[-1]["name"], "input": json.loads(reply.text)}
        content, reason = [{"type": "tool_use", **call}], "tool_use"
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": asked.get("model", ""),
        "content": content,
        "stop_reason": reason,
        "stop_sequence": None,
        "usage": {"input_tokens": TOKENS_IN, "output_tokens": TOKENS_OUT},
    }


def _gemini_error(asked: Mapping[str, Any], reply: Reply) -> dict[str, Any]:
    status = {
        400: "INVALID_ARGUMENT",
        401: "UNAUTHENTICATED",
        403: "PERMISSION_DENIED",
        404: "NOT_FOUND",
        429: "RESOURCE_EXHAUSTED",
        500: "INTERNAL",
        503: "UNAVAILABLE",
    }
    return {"error": {"code": reply.status, "message": reply.text, "status": status[reply.status]}}


def _openai_error(asked: Mapping[str, Any], reply: Reply) -> dict[str, Any]:
    kind = "rate_limit_error" if reply.status == 429 else "server_error"
    return {"error": {"message": reply.text, "type": kind, "param": None, "code": None}}


def _anthropic_error(asked: Mapping[str, Any], reply: Reply) -> dict[str, Any]:
    kind = {429: "rate_limit_error", 529: "overloaded_error", 401: "authentication_error"}
    error = {"type": kind.get(reply.status, "api_error"), "message": reply.text}
    return {"type": "error", "error": error, "request_id": "req_1"}


_Write = Callable[[Mapping[str, Any], Reply], dict[str, Any]]
ANSWERS: dict[str, _Write] = {"gemini": _gemini, "openai": _openai, "anthropic": _anthropic}
ERRORS: dict[str, _Write] = {
    "gemini": _gemini_error,
    "openai": _openai_error,
    "anthropic": _anthropic_error,
}
MODELS = {
    "gemini": "google:gemini-2.5-flash",
    "openai": "openai:gpt-5",
    "anthropic": "anthropic:claude-sonnet-4-5",
}
KEYS = {
    "gemini": "GOOGLE_API_KEY",
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
}


@contextlib.contextmanager
def providers(shapes: Sequence[str]) -> Iterator[list[Provider]]:
    """Servers of these shapes."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Provider(shape)) for shape in shapes]


def named(*servers: Provider) -> str:
    """`MODELS` that has one voter for each server."""
    return ", ".join(f"{MODELS[server.shape]}@{server.url}" for server in servers)
