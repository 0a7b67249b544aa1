"""The agent away for a while in the middle of an analysis, the controller's clock going on."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from provider_world import World, error, running
from running import HALTING_AGENT, AgentProcess, running_agent, wait_for, write_logs
from scripted_agent import ScriptedAgent

from argo_rollouts_plugin.v1alpha1 import AnalysisPhase, Measurement
from rollouts_plugin_metric_ai.a2a_client import AgentClient
from rollouts_plugin_metric_ai.provider import MetricAiProvider

LEASE_THIRD = timedelta(seconds=31)


class AheadClock:
    """The true time, and what has been added to it."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def pass_seconds(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[AgentProcess]:
    write_logs(tmp_path / "logs", canary_fails=True)
    (tmp_path / "armed").touch()
    program = (sys.executable, HALTING_AGENT, tmp_path)
    with running_agent(tmp_path / "logs", tmp_path, program=program) as process:
        yield process


@pytest.fixture
def clock() -> AheadClock:
    return AheadClock()


@pytest.fixture
async def world(agent: AgentProcess, clock: AheadClock) -> AsyncIterator[World]:
    async with AgentClient(user_agent="test") as client:
        world = World(ScriptedAgent(url=agent.url), client)
        world.provider = MetricAiProvider(client, world.operator, clock=clock)
        world.stanza["extraPrompt"] = "evidence"
        yield world


async def at_work(world: World, folder: Path) -> Measurement:
    """A measurement whose analysis halts before the evidence."""

    def halted() -> bool:
        return any(folder.glob("*.evidence"))

    measurement = running(await world.run())
    await asyncio.to_thread(wait_for, halted)
    async with asyncio.timeout(60):
        while "taskId" not in measurement.metadata:
            measurement = running(await world.resume(measurement))
    return measurement


async def away(
    world: World, clock: AheadClock, measurement: Measurement, seconds: int
) -> Measurement:
    """What the controller has when it has asked every 10 s for so long."""
    for _ in range(seconds // 10):
        clock.pass_seconds(10)
        measurement = running(await world.resume(measurement))
        assert measurement.resume_at is not None
        assert measurement.resume_at - clock() < LEASE_THIRD
    return measurement


async def test_a_minute_s_absence_costs_nothing_but_time(
    world: World, agent: AgentProcess, clock: AheadClock, tmp_path: Path
) -> None:
    first = await at_work(world, tmp_path)
    agent.kill()
    (tmp_path / "armed").unlink()
    measurement = await away(world, clock, first, 60)
    await asyncio.to_thread(agent.start)
    async with asyncio.timeout(60):
        while measurement.finished_at is None:
            await asyncio.sleep(0.05)  # the agent works in another process
            measurement = await world.resume(measurement)
    assert measurement.phase is AnalysisPhase.FAILED
    for name in ("taskId", "attempt"):
        assert measurement.metadata[name] == first.metadata[name]


async def test_an_agent_that_stays_away_is_an_error_after_two_minutes(
    world: World, agent: AgentProcess, clock: AheadClock, tmp_path: Path
) -> None:
    measurement = await at_work(world, tmp_path)
    agent.kill()
    measurement = await away(world, clock, measurement, 110)
    clock.pass_seconds(20)
    assert "no contact for 13" in error(await world.resume(measurement))
