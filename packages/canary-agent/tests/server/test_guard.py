"""Token, body size, body time."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from canary_agent.server.guard import Guard

TOKEN = "s3cret-token"


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the body, read once; the connection is asked for its end as well."""
    body = await Request(scope, receive).body()
    await PlainTextResponse(body)(scope, receive, send)


def _client(**options: Any) -> httpx.AsyncClient:
    guard = Guard(_echo, **{"token": TOKEN, "max_body": 1000, **options})
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(guard),
        base_url="http://agent.test",
        headers={"Authorization": f"Bearer {TOKEN}"},
    )


async def _pieces(count: int) -> Any:
    for _ in range(count):
        yield b"x" * 100


async def test_with_the_token_the_body_goes_through() -> None:
    async with _client() as client:
        assert (await client.post("/", content=b"hello")).text == "hello"
        assert (await client.post("/", content=_pieces(3))).text == "x" * 300
        assert (await client.get("/")).text == ""


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer wrong", f"bearer {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Basic eA=="],
)
async def test_without_the_token_nothing_does(given: str) -> None:
    async with _client() as client:
        answer = await client.post("/", content=b"hello", headers={"Authorization": given})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert TOKEN not in answer.text


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/a2a/health", "/.well-known/agent-card.json"]
)
async def test_probes_and_card_need_no_token(path: str) -> None:
    async with _client() as client:
        assert (await client.get(path, headers={"Authorization": ""})).status_code == 200


async def test_without_a_token_everybody_may() -> None:
    async with _client(token="") as client:
        assert (await client.post("/", content=b"hello", headers={"Authorization": ""})).text == (
            "hello"
        )


async def test_a_large_body_is_refused_by_its_length_and_by_its_bytes() -> None:
    async with _client() as client:
        assert (await client.post("/", content=b"x" * 1000)).status_code == 200
        for content in (b"x" * 1001, _pieces(11)):
            answer = await client.post("/", content=content)
            assert answer.status_code == 413
            assert answer.json()["error"]["message"] == "the body is larger than 1000 bytes"


async def test_a_length_that_is_no_number_is_counted() -> None:
    async with _client() as client:
        answer = await client.post("/", content=b"hello", headers={"Content-Length": "many"})
    assert answer.text == "hello"


async def test_a_body_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    monkeypatch.setattr("canary_agent.server.guard.DISCARD_SECONDS", 0.05)
    guard = Guard(_echo, token="", max_body=1000, body_seconds=0.05)
    scope = {"type": "http", "path": "/", "headers": [(b"content-length", b"10")]}
    await guard(scope, receive, send)
    assert sent[0]["status"] == 408
    assert "no whole body" in json.loads(sent[1]["body"])["error"]["message"]


async def test_a_refused_body_is_dropped_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("canary_agent.server.guard.DISCARDED", 500)
    taken = 0

    async def endless() -> Any:
        nonlocal taken
        while True:
            taken += 1
            yield b"x" * 100

    async with _client() as client:
        answer = await client.post("/", content=endless(), headers={"Authorization": ""})
    assert answer.status_code == 401
    assert taken <= 10


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("[" + "1," * 100_000 + "1]", True),
        ('{"a": {}, "b": [' + "{}," * 100_000 + "{}]}", True),
        (json.dumps({"log": '[1,2,{"a":"\\\\"}]' * 50_000}), False),
        ('"' + '\\"' * 100_000, False),
        ('"' + "\\" * 100_001, False),
    ],
    ids=["numbers", "objects", "string", "open string", "open escape"],
)
async def test_a_body_of_too_many_values_is_refused(text: str, *, refused: bool) -> None:
    async with _client(max_body=10_000_000) as client:
        answer = await client.post("/", content=text.encode())
    assert answer.status_code == (413 if refused else 200)
    assert ("100000 JSON values" in answer.text) is refused


async def test_large_bodies_wait_for_each_other() -> None:
    async with _client(max_body=1_000_000) as client:
        answers = await asyncio.gather(
            *(client.post("/", content=b"x" * 100_000) for _ in range(12))
        )
    assert {len(answer.content) for answer in answers} == {100_000}
