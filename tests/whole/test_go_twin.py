"""The Go twin of the plugin does the plugin's work, so that figures of the two can stand side by side."""

import asyncio
import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from argo_client import drive
from go_programs import go_program
from running import (
    AgentProcess,
    analysis_run,
    case,
    follow,
    metric,
    plugin_file,
    running_agent,
    typed,
    write_logs,
)
from scripted_agent import Answer, ScriptedAgent, listening

from argo_rollouts_plugin.client import MetricProviderClient
from argo_rollouts_plugin.v1alpha1 import AnalysisPhase, AnalysisRun, Measurement, Metric

pytestmark = pytest.mark.conformance

PROMOTE = {
    "schemaVersion": "1",
    "verdict": "promote",
    "confidence": 93.0,
    "analysis": "No difference found.",
    "evidence": [{"id": "e1", "kind": "rate", "what": "errors", "strength": "note"}],
    "coverage": {"pods": 2.0, "containers": 2.0, "lines": 800.0, "truncated": False, "gaps": []},
    "agentVersion": "1",
}


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentProcess]:
    folder = tmp_path_factory.mktemp("agent")
    write_logs(folder / "logs", canary_fails=False)
    with running_agent(folder / "logs", folder) as process:
        yield process


def twin(steps: list[dict[str, Any]], of: dict[str, object]) -> list[Any]:
    """What each step gave under Argo's own client."""
    outcomes = drive(go_program("gotwin"), steps, of=of)
    return [outcome["results"][0] for outcome in outcomes]


@contextmanager
def plugin(of: Path) -> Iterator[MetricProviderClient]:
    with MetricProviderClient([str(of)]) as client:
        yield client


def test_under_argos_client_a_healthy_canary_is_promoted(healthy: AgentProcess) -> None:
    calls = ("init", "type", "getMetadata", "follow", "garbageCollect", "ping")
    init, type_, metadata, done, collected, _ = twin(
        [{"call": call, "limit": 10} for call in calls], metric(healthy.url)
    )
    assert (init, type_, collected) == ("", "MetricAI", "")
    assert metadata["agentUrl"] == healthy.url
    assert done["phase"] == "Successful"
    assert done["value"] == f"{float(done['metadata']['confidence']) / 100:g}"


def test_under_argos_client_a_faulty_canary_is_rolled_back(tmp_path: Path) -> None:
    write_logs(tmp_path / "logs", canary_fails=True)
    with running_agent(tmp_path / "logs", tmp_path) as agent:
        (done,) = twin([{"call": "follow"}], metric(agent.url))
    assert (done["phase"], done["value"]) == ("Failed", "0")
    assert done["message"].startswith("rollback, ")
    assert "refuses connections" in done["message"]


def test_under_argos_client_a_dead_agent_is_an_error() -> None:
    (done,) = twin([{"call": "follow"}], metric("http://127.0.0.1:1"))
    assert done["phase"] == "Error"
    assert "Kubernetes Agent health check failed: " in done["message"]


def test_it_runs_from_any_path_with_no_environment(healthy: AgentProcess, tmp_path: Path) -> None:
    copy = tmp_path / "a plugin"
    copy.write_bytes(go_program("gotwin").read_bytes())
    copy.chmod(0o700)
    run, of = case(healthy.url)
    with MetricProviderClient([str(copy)], env={}) as client:
        done = follow(client, run, of, client.run(run, of))
    assert done.phase is AnalysisPhase.SUCCESSFUL


@pytest.mark.parametrize("first", ["gotwin", "metric-ai"])
def test_each_goes_on_with_what_the_other_has_begun(first: str, tmp_path: Path) -> None:
    write_logs(tmp_path / "logs", canary_fails=True, lines=4000)
    programs = [go_program("gotwin"), plugin_file()]
    if first == "metric-ai":
        programs.reverse()
    with running_agent(tmp_path / "logs", tmp_path) as agent:
        run, of = case(agent.url)
        with plugin(programs[0]) as client:
            begun = client.run(run, of)
        with plugin(programs[1]) as client:
            done = follow(client, run, of, begun)
            again = follow(client, run, of, client.run(run, of))
    assert done.phase is AnalysisPhase.FAILED
    assert done.metadata["taskId"] == again.metadata["taskId"]
    assert begun.metadata.get("taskId") in (None, done.metadata["taskId"])


def uniform(calls: list[tuple[str, Answer]]) -> list[tuple[str, Answer]]:
    """What an agent was asked, without what two processes cannot say alike: the time."""
    text = json.dumps(calls)
    return json.loads(re.sub(r'(\\*"deadline\\*":\s?\\*")[-\d:.TZ]+', r"\1<deadline>", text))  # type: ignore[no-any-return]


Fate = Callable[[ScriptedAgent, str], None]


def verdict_of(**fields: Any) -> Fate:
    return lambda agent, uid: agent.finish("task-1", {**PROMOTE, "runUid": uid, **fields})


def state_of(state: str) -> Fate:
    message = {"parts": [{"text": "no disk"}]}
    return lambda agent, _: agent.set_state("task-1", state, message=message)


def unavailable(agent: ScriptedAgent, _: str) -> None:
    agent.rpc_status = 503


def forgotten(agent: ScriptedAgent, _: str) -> None:
    agent.tasks["task-1"]["contextId"] = "another"
    agent.tasks["another"] = agent.tasks.pop("task-1")


def submitted(client: MetricProviderClient, run: AnalysisRun, of: Metric) -> Measurement:
    """A measurement whose task is known; on a busy machine that may take more than one call."""
    deadline = time.monotonic() + 60
    measurement = client.run(run, of)
    while "taskId" not in measurement.metadata:
        assert measurement.finished_at is None, measurement
        assert time.monotonic() < deadline, measurement
        measurement = client.resume(run, of, measurement)
    return measurement


async def played(
    program: Path, agent: ScriptedAgent, run: AnalysisRun, of: Metric, fate: Fate
) -> tuple[list[tuple[str, Answer]], Measurement, Measurement]:
    """Run, what becomes of the task, Resume: the agent's calls, and both measurements."""
    agent.calls.clear()
    agent.tasks.clear()
    agent.rpc_status = 200
    client = MetricProviderClient([str(program)])
    try:
        await asyncio.to_thread(client.start)
        begun = await asyncio.to_thread(submitted, client, run, of)
        fate(agent, run.metadata.uid)
        done = await asyncio.to_thread(client.resume, run, of, begun)
    finally:
        await asyncio.to_thread(client.kill, 0)
    return uniform(agent.calls), begun, done


def timeless(measurement: Measurement) -> dict[str, str]:
    """The metadata, without what two processes cannot say alike."""
    times = ("submittedAt", "deadline", "lastContact", "signSeen", "sign")
    return {
        name: "a time" if name in times else text for name, text in measurement.metadata.items()
    }


async def both_the_same(agent: ScriptedAgent, of: Metric, fate: Fate) -> list[Measurement]:
    """What the twin and the plugin end with, which but for the message is the same."""
    run = typed(analysis_run(str(uuid.uuid4())))
    calls, begun, done = await played(go_program("gotwin"), agent, run, of, fate)
    their_calls, their_begun, their_done = await played(plugin_file(), agent, run, of, fate)
    assert calls == their_calls
    for ours, theirs in ((begun, their_begun), (done, their_done)):
        assert (ours.phase, ours.value) == (theirs.phase, theirs.value)
        # The plugin may keep more, for what it does beyond the twin.
        assert timeless(ours).items() <= timeless(theirs).items()
    return [done, their_done]


@pytest.mark.parametrize("extended", [True, False])
@pytest.mark.parametrize(
    "fate",
    [
        pytest.param(verdict_of(), id="promote"),
        pytest.param(verdict_of(confidence=60), id="below minConfidence"),
        pytest.param(verdict_of(verdict="rollback", rootCause="no database"), id="rollback"),
        pytest.param(state_of("FAILED"), id="failed"),
        pytest.param(state_of("INPUT_REQUIRED"), id="input required"),
        pytest.param(unavailable, id="unavailable"),
        pytest.param(forgotten, id="forgotten"),
    ],
)
async def test_it_asks_and_answers_as_the_plugin_does(fate: Fate, *, extended: bool) -> None:
    async with listening() as agent:
        agent.extended = extended
        stanza = {"extraPrompt": "look at `cart` & <checkout>", "minConfidence": "70"}
        await both_the_same(agent, Metric.from_json(metric(agent.url, **stanza)), fate)


@pytest.mark.parametrize(
    "conditions",
    [
        {"successCondition": "result.confidence > 95"},
        {"failureCondition": "result.value > 0.9"},
        {"successCondition": "result.value > 0.95", "failureCondition": "!result.promote"},
        {"successCondition": "nonsense("},
    ],
)
async def test_it_reads_conditions_as_the_plugin_does(conditions: dict[str, str]) -> None:
    async with listening() as agent:
        of = Metric.from_json({**metric(agent.url), **conditions})
        messages = [done.message for done in await both_the_same(agent, of, verdict_of())]
    ours, theirs = (text.partition(" (the metric's condition cannot")[0] for text in messages)
    assert ours == theirs


@pytest.mark.parametrize(
    "wrong",
    [
        {"runUid": "another"},
        {"verdict": "maybe"},
        {"confidence": 101},
        {"confidence": None},
        {"promote": False},
        {"confidence": 0, "analysis": "Unable to parse the model's output"},
        {"schemaVersion": "2"},
    ],
)
async def test_nothing_unreadable_promotes(wrong: dict[str, Any]) -> None:
    run = typed(analysis_run(str(uuid.uuid4())))
    async with listening() as agent:
        of = Metric.from_json(metric(agent.url))
        _, _, done = await played(go_program("gotwin"), agent, run, of, verdict_of(**wrong))
    assert done.phase is AnalysisPhase.ERROR
    assert "the verdict cannot be used" in done.message


async def test_terminate_cancels_the_task() -> None:
    run = typed(analysis_run(str(uuid.uuid4())))
    async with listening() as agent:
        of = Metric.from_json(metric(agent.url))
        with plugin(go_program("gotwin")) as client:
            begun = await asyncio.to_thread(submitted, client, run, of)
            ended = await asyncio.to_thread(client.terminate, run, of, begun)
            await agent.wait_for_call("CancelTask")
    assert agent.methods() == ["SendMessage", "CancelTask"]
    assert ended.phase is AnalysisPhase.INCONCLUSIVE
    assert agent.tasks["task-1"]["status"]["state"] == "TASK_STATE_CANCELED"


async def test_an_agent_that_takes_its_time_holds_no_call() -> None:
    released = asyncio.Event()

    async with listening() as agent:

        async def slow(params: Answer) -> Answer:
            await released.wait()
            return await agent.on_SendMessage(params)

        agent.handlers["SendMessage"] = slow
        run = typed(analysis_run(str(uuid.uuid4())))
        of = Metric.from_json(metric(agent.url))
        with plugin(go_program("gotwin")) as client:
            begun = await asyncio.to_thread(client.run, run, of)
            assert begun.phase is AnalysisPhase.RUNNING
            assert "taskId" not in begun.metadata
            released.set()
            known = await asyncio.to_thread(submitted, client, run, of)
    assert known.metadata["taskId"] == "task-1"
    assert agent.methods().count("SendMessage") == 1
