"""What becomes of connections between requests, and of requests on connections that have died."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from rollouts_plugin_metric_ai.http1 import (
    HungUpError,
    NoHttpError,
    Pool,
    PoolLimits,
    Request,
    resolve_any,
)

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Handler = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Watched:
    stage = ""

    def wait(self) -> None:
        pass


@dataclass
class Server:
    """Calls the next handler for each request, the last one for ever."""

    handlers: list[Handler]
    requests: int = 0
    connections: int = 0
    open: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    address: tuple[str, int] = ("", 0)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        try:
            while not writer.is_closing():
                await reader.readuntil(b"\r\n\r\n")
                handle = self.handlers[min(self.requests, len(self.handlers) - 1)]
                self.requests += 1
                await handle(writer)
        except (OSError, EOFError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()
            self.open -= 1
            self.changed.set()


@asynccontextmanager
async def serving(*handlers: Handler) -> AsyncIterator[Server]:
    server = Server(list(handlers))
    listener = await asyncio.start_server(server.accept, "127.0.0.1", 0)
    server.address = listener.sockets[0].getsockname()[:2]
    try:
        yield server
    finally:
        listener.close()
        await listener.wait_closed()


@asynccontextmanager
async def pool_of(max_idle: int = 4, keepalive_seconds: float = 30.0) -> AsyncIterator[Pool]:
    pool = Pool(resolve_any, None, PoolLimits(max_idle, keepalive_seconds, 5.0))
    async with asyncio.timeout(30):
        try:
            yield pool
        finally:
            await pool.aclose()


async def ask(pool: Pool, server: Server, *, harmless: bool = False) -> bytes:
    request = Request("GET", server.address, "/", [("Host", "h")], harmless=harmless)
    connection, head = await pool.ask(request, Watched())
    body = b""
    try:
        assert head.status == 200
        while piece := await connection.receive_body():
            body += piece
    finally:
        pool.give_back(connection)
    return body


async def answer(writer: asyncio.StreamWriter) -> None:
    writer.write(ANSWER)


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def answer_half(writer: asyncio.StreamWriter) -> None:
    writer.write(ANSWER[:10])
    await writer.drain()
    writer.close()


async def test_a_connection_serves_again() -> None:
    async with serving(answer) as server, pool_of() as pool:
        for _ in range(5):
            assert await ask(pool, server) == b"ok"
    assert (server.requests, server.connections) == (5, 1)


async def test_a_harmless_request_on_a_dead_connection_is_sent_once_more() -> None:
    async with serving(answer, hang_up, answer) as server, pool_of() as pool:
        await ask(pool, server)
        assert await ask(pool, server, harmless=True) == b"ok"
    assert (server.requests, server.connections) == (3, 2)


async def test_no_more_than_once() -> None:
    async with serving(answer, hang_up) as server, pool_of() as pool:
        await ask(pool, server)
        with pytest.raises(HungUpError):
            await ask(pool, server, harmless=True)
    assert server.requests == 3


async def test_a_request_that_may_have_done_something_is_not_sent_again() -> None:
    async with serving(answer, hang_up, answer) as server, pool_of() as pool:
        await ask(pool, server)
        with pytest.raises(HungUpError):
            await ask(pool, server)
    assert server.requests == 2


async def test_nor_one_whose_answer_has_begun() -> None:
    async with serving(answer, answer_half, answer) as server, pool_of() as pool:
        await ask(pool, server)
        with pytest.raises(HungUpError):
            await ask(pool, server, harmless=True)
    assert server.requests == 2


async def test_nor_one_on_a_new_connection() -> None:
    async with serving(hang_up) as server, pool_of() as pool:
        with pytest.raises(HungUpError):
            await ask(pool, server, harmless=True)
    assert server.requests == 1


async def test_idle_connections_are_closed_in_time_without_another_request() -> None:
    async with serving(answer) as server, pool_of(keepalive_seconds=0.05) as pool:
        await asyncio.gather(*(ask(pool, server) for _ in range(3)))
        while server.open:
            server.changed.clear()
            await server.changed.wait()
        assert await ask(pool, server) == b"ok"
    assert server.connections == 4


async def test_no_more_idle_connections_than_allowed() -> None:
    async with serving(answer) as server, pool_of(max_idle=1) as pool:
        await asyncio.gather(*(ask(pool, server) for _ in range(4)))
        while server.open > 1:
            server.changed.clear()
            await server.changed.wait()
        await ask(pool, server)
    assert server.connections == 4


async def test_what_nobody_asked_for_ends_the_connection() -> None:
    async def answer_twice(writer: asyncio.StreamWriter) -> None:
        writer.write(ANSWER + ANSWER)

    async with serving(answer_twice, answer) as server, pool_of() as pool:
        assert await ask(pool, server) == b"ok"
        assert await ask(pool, server) == b"ok"
    assert server.connections == 2


async def test_words_to_an_idle_connection_end_it() -> None:
    spoken = asyncio.Event()
    idle = asyncio.Event()

    async def answer_and_go_on(writer: asyncio.StreamWriter) -> None:
        writer.write(ANSWER)
        await idle.wait()
        writer.write(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
        await writer.drain()
        spoken.set()

    async with serving(answer_and_go_on, answer) as server, pool_of() as pool:
        await ask(pool, server)
        idle.set()
        await spoken.wait()
        assert await ask(pool, server) == b"ok"
    assert server.connections == 2


async def test_an_upgrade_that_nobody_asked_for_is_no_answer() -> None:
    async def upgrade(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")

    async with serving(upgrade) as server, pool_of() as pool:
        with pytest.raises(NoHttpError):
            await ask(pool, server)


async def test_a_cancelled_request_hangs_up() -> None:
    asked = asyncio.Event()

    async def think(writer: asyncio.StreamWriter) -> None:
        asked.set()
        while True:
            writer.write(b"HTTP/1.1 102 Processing\r\n\r\n")
            await writer.drain()
            await asyncio.sleep(0)

    async with serving(think) as server, pool_of() as pool:
        task = asyncio.create_task(ask(pool, server))
        await asked.wait()
        task.cancel()
        while server.open:
            server.changed.clear()
            await server.changed.wait()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_closed_pool_gives_no_connections() -> None:
    async with serving(answer) as server, pool_of() as pool:
        await ask(pool, server)
        await pool.aclose()
        with pytest.raises(HungUpError, match="closed"):
            await ask(pool, server)
