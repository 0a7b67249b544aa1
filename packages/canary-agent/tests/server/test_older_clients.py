"""A real agent, asked in the older dialect: over plain HTTP, and by our plugin."""

import asyncio
import dataclasses
import itertools
import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from provider_world import World

from argo_rollouts_plugin.v1alpha1 import AnalysisPhase, AnalysisRun, Measurement
from canary_agent.server.older_dialect import read_question
from rollouts_plugin_metric_ai.a2a_client import AgentClient

_numbers = itertools.count()


def _body(name: str, words: str = "") -> dict[str, Any]:
    return {
        "userId": "argo-rollouts",
        "memoryId": f"rollout:prod/{name}",
        "prompt": "Judge the canary.",
        "context": {"namespace": "prod", "rolloutName": name, "extraPrompt": words},
    }


def _asked(body: dict[str, Any]) -> dict[str, Any]:
    return {"run": {"uid": read_question(body, datetime.now(UTC)).context_id}}


@pytest.fixture
async def http(shared_agent: Any, bearer: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=shared_agent.url, headers=bearer, timeout=30) as client:
        yield client


async def test_curl_gets_its_answer(http: httpx.AsyncClient) -> None:
    answered = await http.post("/a2a/analyze", json=_body("curl"))
    assert answered.status_code == 200
    assert answered.json()["promote"] is True
    assert answered.json()["analysis"] == "fine"


async def test_the_token_is_asked_for(shared_agent: Any) -> None:
    async with httpx.AsyncClient(base_url=shared_agent.url) as client:
        assert (await client.post("/a2a/analyze", json=_body("curl"))).status_code == 401
        assert (await client.get("/a2a/health")).status_code == 200


async def test_a_hang_up_does_not_end_the_analysis(
    http: httpx.AsyncClient, shared_agent: Any, until: Callable[..., Any]
) -> None:
    body = _body("hangup", "wait")
    call = asyncio.ensure_future(http.post("/a2a/analyze", json=body))
    await until(lambda: shared_agent.gates.starts(_asked(body)))
    call.cancel()
    await until(lambda: "the client hung up" in shared_agent.log())
    again = asyncio.ensure_future(http.post("/a2a/analyze", json=body))
    shared_agent.gates.open(_asked(body))
    assert (await again).json()["promote"] is True
    assert len(shared_agent.gates.starts(_asked(body))) == 1


class Metrics:
    """Our plugin's provider over a real agent; each run has a uid of its own."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.asked = {"run": {"uid": f"older-{os.getpid()}-{next(_numbers)}"}}

    @property
    def analysis_run(self) -> AnalysisRun:
        run: AnalysisRun = self.world.analysis_run
        metadata = dataclasses.replace(run.metadata, uid=self.asked["run"]["uid"])
        return dataclasses.replace(run, metadata=metadata)

    async def run(self) -> Measurement:
        measurement: Measurement = await self.world.provider.run(
            self.analysis_run, self.world.metric
        )
        return measurement

    async def resume(self, measurement: Measurement) -> Measurement:
        resumed: Measurement = await self.world.provider.resume(
            self.analysis_run, self.world.metric, measurement
        )
        return resumed

    async def finished(self, measurement: Measurement) -> Measurement:
        """The measurement once it is no longer Running."""
        async with asyncio.timeout(30):
            while measurement.phase is AnalysisPhase.RUNNING:
                measurement = await self.resume(measurement)
        return measurement


@pytest.fixture
async def metrics(shared_agent: Any, bearer: dict[str, str]) -> AsyncIterator[Metrics]:
    async with AgentClient(user_agent="test") as client:
        world: Any = World(shared_agent, client)
        token = bearer["Authorization"].removeprefix("Bearer ")
        world.stanza |= {"protocol": "rest", "auth": {"token": token}}
        world.clock = lambda: datetime.now(UTC)
        world.restart()
        yield Metrics(world)


async def test_our_plugin_reads_a_promotion(metrics: Metrics, shared_agent: Any) -> None:
    done = await metrics.finished(await metrics.run())
    assert done.phase is AnalysisPhase.SUCCESSFUL, done.message
    assert done.value == "0.9"
    # The run's own uid came through, so the prompt's request was read.
    assert len(shared_agent.gates.starts(metrics.asked)) == 1


async def test_our_plugin_never_promotes_what_is_inconclusive(metrics: Metrics) -> None:
    metrics.world.stanza["extraPrompt"] = "inconclusive"
    done = await metrics.finished(await metrics.run())
    assert done.phase in (AnalysisPhase.INCONCLUSIVE, AnalysisPhase.FAILED)
    assert "inconclusive" in done.message


async def test_our_plugin_reads_a_failure_as_an_error(metrics: Metrics) -> None:
    metrics.world.stanza["extraPrompt"] = "raise"
    done = await metrics.finished(await metrics.run())
    assert done.phase is AnalysisPhase.ERROR
    assert "500" in done.message


async def test_a_restarted_plugin_joins_its_own_analysis(
    metrics: Metrics, shared_agent: Any, until: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rollouts_plugin_metric_ai.provider.BUDGET", 0.05)
    metrics.world.stanza["extraPrompt"] = "wait"
    first = await metrics.run()
    assert first.phase is AnalysisPhase.RUNNING
    await until(lambda: shared_agent.gates.starts(metrics.asked))
    metrics.world.restart()
    second = await metrics.resume(first)
    shared_agent.gates.open(metrics.asked)
    done = await metrics.finished(second)
    assert done.phase is AnalysisPhase.SUCCESSFUL, done.message
    assert len(shared_agent.gates.starts(metrics.asked)) == 1
