"""Servers that answer what nobody should answer: every one of them ends in a named error."""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from rollouts_plugin_metric_ai.a2a_client import (
    AgentCard,
    AgentClient,
    AgentUnreachable,
    ClientLimits,
    OutgoingMessage,
    ProtocolViolation,
)

Deadline = Callable[[float], float]
MESSAGE = OutgoingMessage(context_id="c", message_id="m", text="hello")


@pytest.fixture
async def small_client() -> AsyncIterator[AgentClient]:
    limits = ClientLimits(max_body=10_000, max_values=2_000)
    async with AgentClient(user_agent="metric-ai/test", limits=limits) as client:
        yield client


async def failure(
    client: AgentClient, server: Any, deadline: float, kind: type[Exception] = ProtocolViolation
) -> str:
    """The text of the error that asking `server` for a task ends in."""
    with pytest.raises(kind) as caught:
        await client.get_task(AgentCard(url=server.url), "t", None, deadline)
    assert server.url in str(caught.value)
    assert len(str(caught.value)) < 600
    return str(caught.value)


async def test_endless_answer(
    small_client: AgentClient, serve_raw: Any, deadline: Deadline
) -> None:
    hung_up = asyncio.Event()

    async def endless(_: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"400\r\n" + b" " * 1024 + b"\r\n")
                await writer.drain()
        except OSError:
            hung_up.set()
            raise

    server = await serve_raw(endless)
    assert "more than 10000 bytes" in await failure(small_client, server, deadline(30))
    await hung_up.wait()


async def test_answer_of_a_gigabyte_is_not_read(
    client: AgentClient, serve_raw: Any, deadline: Deadline
) -> None:
    server = await serve_raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n{")
    assert "1073741824 bytes, expected at most 4194304" in await failure(
        client, server, deadline(30)
    )


async def test_gigabyte_until_the_connection_closes(
    client: AgentClient, serve_raw: Any, deadline: Deadline
) -> None:
    written = 0

    async def gigabyte(_: Any, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.0 200 OK\r\n\r\n")
        while written < 1 << 30:
            writer.write(b" " * 65_536)
            written += 65_536
            await writer.drain()
        writer.close()

    server = await serve_raw(gigabyte)
    assert "more than 4194304 bytes" in await failure(client, server, deadline(60))
    # What the buffers of the kernel hold may have been written besides.
    assert written < 64 << 20


async def stall(_: Any, writer: asyncio.StreamWriter) -> None:
    await writer.drain()
    await asyncio.Event().wait()


async def drip(_: Any, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def test_answers_that_do_not_come_to_an_end(
    client: AgentClient, serve_raw: Any, deadline: Deadline
) -> None:
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{"
    cases = [
        (b"", stall, "waiting for the answer"),
        (b"HTTP/1.1 200 OK\r\nContent-", stall, "waiting for the answer"),
        (b"HTTP/1.1 102 Processing\r\n\r\n", stall, "waiting for the answer"),
        (body, stall, "reading the answer"),
        (body, drip, "reading the answer"),
    ]

    def begin_with(begin: bytes, then: Any) -> Any:
        async def handle(seen: Any, writer: asyncio.StreamWriter) -> None:
            writer.write(begin)
            await then(seen, writer)

        return handle

    # All at once, since each lasts to its deadline.
    servers = [await serve_raw(begin_with(begin, then)) for begin, then, _ in cases]
    end = deadline(3)
    texts = await asyncio.gather(
        *(failure(client, server, end, AgentUnreachable) for server in servers)
    )
    for (_, _, stage), text in zip(cases, texts, strict=True):
        assert f"time ran out while {stage}" in text


DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"", "an empty body"),
        (b"<html>no</html>", "is not JSON"),
        (b'{"result": ', "is not JSON"),
        (b'{"result": NaN}', "the number NaN"),
        (b'{"result": -Infinity}', "the number -Infinity"),
        (b'{"result": 1e999}', "not finite"),
        (b'{"result": ' + b"9" * 5000 + b"}", "more than 400 digits"),
        (b'{"result": {"id": "a", "id": "b"}}', "same name twice"),
        (b'{"result": "\xff"}', "is not UTF-8 at byte 12"),
        (DEEP, "nested deeper than 64"),
        (b"[" * 100 + b"]" * 100, "nested deeper than 64"),
        (b"[" + b"0," * 200_000 + b"0]", "more than 200000 JSON values"),
        (b"[]", "a list, expected a JSON-RPC object"),
        (b"null", "nothing, expected a JSON-RPC object"),
        (b"{}", "without result or error"),
        (b'{"id": "somebody", "result": {}}', "another request"),
        (b'{"error": "no"}', "an error that is no object"),
    ],
)
async def test_body(
    body: bytes,
    found: str,
    client: AgentClient,
    serve_answer: Any,
    deadline: Deadline,
) -> None:
    server = await serve_answer(body)
    assert found in await failure(client, server, deadline(30))


@pytest.mark.parametrize(
    ("result", "found"),
    [
        ([], "a list as a task"),
        ({}, "nothing as a task's id"),
        ({"id": 7}, "a number as a task's id"),
        ({"id": True}, "true or false as a task's id"),
        ({"id": {}}, "an object as a task's id"),
        ({"id": ""}, "0 characters as a task's id"),
        ({"id": "x" * 2000}, "2000 characters as a task's id"),
        ({"id": "another"}, "found the task 'another'"),
    ],
)
async def test_task_that_is_none(
    result: object,
    found: str,
    client: AgentClient,
    serve_answer: Any,
    deadline: Deadline,
) -> None:
    server = await serve_answer({"jsonrpc": "2.0", "result": result})
    with pytest.raises(ProtocolViolation, match=found):
        await client.get_task(AgentCard(url=server.url), "t", None, deadline(30))


@pytest.mark.parametrize("result", [{}, {"kind": "message"}, {"task": 3}, "text", None])
async def test_send_that_brings_neither_task_nor_message(
    result: object,
    client: AgentClient,
    serve_answer: Any,
    deadline: Deadline,
) -> None:
    server = await serve_answer({"jsonrpc": "2.0", "result": result})
    with pytest.raises(ProtocolViolation, match="answer to a message"):
        await client.send(AgentCard(url=server.url), MESSAGE, None, deadline(30))


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip"])
async def test_compressed_answer_is_not_unpacked(
    encoding: str,
    client: AgentClient,
    serve_answer: Any,
    deadline: Deadline,
) -> None:
    server = await serve_answer(b"\x1f\x8b", Content_Encoding=encoding)
    assert encoding in await failure(client, server, deadline(30))
    assert server.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 Other", "307 T", "308 P"])
async def test_redirects_are_not_followed(
    status: str,
    client: AgentClient,
    serve_answer: Any,
    deadline: Deadline,
) -> None:
    other = await serve_answer({"result": {"id": "t"}})
    server = await serve_answer(b"", status, Location=f"{other.url}/x?token=12345")
    text = await failure(client, server, deadline(30))
    assert "redirects are not followed" in text
    assert other.url in text
    assert "12345" not in text
    with pytest.raises(ProtocolViolation, match="redirects are not followed"):
        await client.fetch_card(server.url, None, deadline(30))
    assert other.connections == 0


@pytest.mark.parametrize(
    "status", ["101 Switching Protocols", "304 Not Modified", "204 No Content"]
)
async def test_status_without_an_answer(
    status: str, client: AgentClient, serve_raw: Any, deadline: Deadline
) -> None:
    server = await serve_raw(
        f"HTTP/1.1 {status}\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n".encode()
    )
    await failure(client, server, deadline(30))


@pytest.mark.parametrize(
    "begin",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
    ],
)
async def test_connection_that_ends_too_early(
    begin: bytes, client: AgentClient, serve_raw: Any, deadline: Deadline
) -> None:
    async def close(_: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(begin)
        await writer.drain()
        writer.close()

    server = await serve_raw(close)
    assert "hung up" in await failure(client, server, deadline(30), AgentUnreachable)


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"])
async def test_connection_reset(
    begin: bytes, client: AgentClient, serve_raw: Any, deadline: Deadline
) -> None:
    async def reset(_: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(begin)
        await writer.drain()
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()

    server = await serve_raw(reset)
    await failure(client, server, deadline(30), AgentUnreachable)


async def test_nobody_listens(client: AgentClient, deadline: Deadline) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(AgentUnreachable, match=f"no connection to http://127.0.0.1:{port}"):
        await client.fetch_card(f"http://127.0.0.1:{port}", None, deadline(30))


@pytest.mark.parametrize(
    "banner",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n{}",
        b"\x16\x03\x01\r\n\r\n",
    ],
)
async def test_no_http(
    banner: bytes, client: AgentClient, serve_raw: Any, deadline: Deadline
) -> None:
    async def say(_: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(banner)
        await asyncio.Event().wait()

    server = await serve_raw(say)
    assert "no HTTP/1.1" in await failure(client, server, deadline(30))


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
async def test_old_and_careless_servers_are_understood(
    version: str,
    client: AgentClient,
    serve_raw: Any,
    answer: Callable[..., bytes],
    deadline: Deadline,
) -> None:
    async def until_close(seen: Any, writer: asyncio.StreamWriter) -> None:
        # No length, no content type, a byte order mark, and a number as id.
        document = {"id": int(seen.rpc["id"]), "result": {"id": "t", "status": {}}}
        body = b"\xef\xbb\xbf" + json.dumps(document).encode()
        writer.write(answer(body, version=version, Content_Length=""))
        await writer.drain()
        writer.close()

    server = await serve_raw(until_close)
    task = await client.get_task(AgentCard(url=server.url), "t", None, deadline(30))
    assert task.id == "t"
