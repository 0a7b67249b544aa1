"""Reuse, bounds and cancellation: what the client does with its connections."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from rollouts_plugin_metric_ai.a2a_client import (
    AgentCard,
    AgentClient,
    AgentUnreachable,
    ClientLimits,
)

Deadline = Callable[[float], float]
Answer = Callable[..., bytes]


class Gate:
    """Holds requests back until it is opened, and counts those that stand before it."""

    def __init__(self, answer: Answer) -> None:
        self.opened = asyncio.Event()
        self.waiting = 0
        self.most = 0
        self.arrived = asyncio.Condition()
        self._bytes = answer({"result": {"id": "t"}})

    async def __call__(self, seen: Any, writer: asyncio.StreamWriter) -> None:
        del seen
        async with self.arrived:
            self.waiting += 1
            self.most = max(self.most, self.waiting)
            self.arrived.notify_all()
        await self.opened.wait()
        self.waiting -= 1
        writer.write(self._bytes)

    async def until(self, count: int) -> None:
        async with self.arrived:
            await self.arrived.wait_for(lambda: self.waiting >= count)


@asynccontextmanager
async def limited(max_in_flight: int = 8, **limits: Any) -> AsyncIterator[AgentClient]:
    bounds = ClientLimits(**limits)
    async with AgentClient(user_agent="t", max_in_flight=max_in_flight, limits=bounds) as client:
        yield client


async def test_connection_is_used_again(
    client: AgentClient, serve_answer: Any, deadline: Deadline
) -> None:
    server = await serve_answer({"result": {"id": "t"}})
    for _ in range(20):
        await client.get_task(AgentCard(url=server.url), "t", None, deadline(30))
    assert (server.connections, len(server.requests)) == (1, 20)


async def test_connection_that_the_server_closed_is_replaced(
    client: AgentClient, serve_raw: Any, answer: Answer, deadline: Deadline
) -> None:
    async def once(_: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(answer({"result": {"id": "t"}}))
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await serve_raw(once)
    for _ in range(5):
        await client.get_task(AgentCard(url=server.url), "t", None, deadline(30))
    assert server.connections == 5


async def test_no_more_than_max_in_flight(
    serve_raw: Any, answer: Answer, deadline: Deadline
) -> None:
    gate = Gate(answer)
    server = await serve_raw(gate)
    async with limited(max_in_flight=3, patience=60.0) as client:
        card = AgentCard(url=server.url)
        calls = [
            asyncio.create_task(client.get_task(card, "t", None, deadline(30))) for _ in range(20)
        ]
        await gate.until(3)
        gate.opened.set()
        await asyncio.gather(*calls)
    assert gate.most == 3
    assert len(server.requests) == 20


async def test_agents_that_think_long_do_not_hold_up_others(
    serve_raw: Any, serve_answer: Any, answer: Answer, deadline: Deadline
) -> None:
    gate = Gate(answer)
    slow, fast = await serve_raw(gate), await serve_answer({"result": {"id": "t"}})
    async with limited(max_in_flight=2, patience=0.01) as client:
        card = AgentCard(url=slow.url)
        calls = [
            asyncio.create_task(client.get_task(card, "t", None, deadline(30))) for _ in range(10)
        ]
        await gate.until(10)
        await client.get_task(AgentCard(url=fast.url), "t", None, deadline(30))
        assert not any(call.done() for call in calls)
        gate.opened.set()
        await asyncio.gather(*calls)


async def test_requests_begun_are_bounded(
    serve_raw: Any, answer: Answer, deadline: Deadline
) -> None:
    gate = Gate(answer)
    server = await serve_raw(gate)
    async with limited(max_in_flight=2, max_open=3, patience=0.0) as client:
        card = AgentCard(url=server.url)
        calls = [
            asyncio.create_task(client.get_task(card, "t", None, deadline(30))) for _ in range(9)
        ]
        await gate.until(3)
        late = client.get_task(card, "t", None, deadline(0.1))
        with pytest.raises(AgentUnreachable, match="waiting for a place among the requests"):
            await late
        gate.opened.set()
        await asyncio.gather(*calls)
    assert gate.most == 3


@pytest.mark.parametrize("patience", [0.0, 60.0])
async def test_cancelled_calls_give_everything_back(
    patience: float, serve_raw: Any, answer: Answer, deadline: Deadline
) -> None:
    gate = Gate(answer)
    server = await serve_raw(gate)
    async with limited(max_in_flight=2, max_open=2, patience=patience) as client:
        card = AgentCard(url=server.url)
        for _ in range(10):
            before = gate.waiting
            calls = [
                asyncio.create_task(client.get_task(card, "t", None, deadline(30)))
                for _ in range(5)
            ]
            await gate.until(before + 2)
            for call in calls:
                call.cancel()
            ended = await asyncio.gather(*calls, return_exceptions=True)
            assert all(isinstance(error, asyncio.CancelledError) for error in ended)
        gate.opened.set()
        await asyncio.gather(*(client.get_task(card, "t", None, deadline(30)) for _ in range(4)))


async def test_deadlines_that_have_passed_give_everything_back(
    serve_raw: Any, answer: Answer, deadline: Deadline
) -> None:
    gate = Gate(answer)
    server = await serve_raw(gate)
    async with limited(max_in_flight=2, max_open=2) as client:
        card = AgentCard(url=server.url)
        for seconds in (-1.0, 0.0, 0.0001, 0.001, 0.01):
            for _ in range(3):
                with pytest.raises(AgentUnreachable):
                    await client.get_task(card, "t", None, deadline(seconds))
        gate.opened.set()
        await client.get_task(card, "t", None, deadline(30))


async def test_closing_ends_requests_under_way(
    serve_raw: Any, answer: Answer, deadline: Deadline
) -> None:
    gate = Gate(answer)
    server = await serve_raw(gate)
    client = AgentClient(user_agent="t")
    card = AgentCard(url=server.url)
    call = asyncio.create_task(client.get_task(card, "t", None, deadline(30)))
    await gate.until(1)
    await client.aclose()
    with pytest.raises(AgentUnreachable):
        await call
    with pytest.raises(AgentUnreachable, match="closed"):
        await client.get_task(card, "t", None, deadline(30))
    await client.aclose()


async def test_oversized_answers_do_not_use_up_connections(
    serve_raw: Any, answer: Answer, deadline: Deadline
) -> None:
    server = await serve_raw(answer({"result": {"id": "t", "x": "x" * 2000}}))
    async with limited(max_in_flight=1, max_open=1, max_body=1000) as client:
        for _ in range(5):
            with pytest.raises(Exception, match="bytes, expected at most 1000"):
                await client.get_task(AgentCard(url=server.url), "t", None, deadline(30))
    assert server.connections == 5
