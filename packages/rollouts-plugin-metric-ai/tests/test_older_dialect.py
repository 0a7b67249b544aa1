import asyncio
from typing import Any

import pytest
from provider_world import World, error, hang_up, never, running
from scripted_agent import Answer, ScriptedAgent

from argo_rollouts_plugin.v1alpha1 import AnalysisPhase
from rollouts_plugin_metric_ai import provider

GOOD: dict[str, Any] = {
    "analysis": "all quiet",
    "rootCause": "",
    "remediation": "",
    "prLink": None,
    "promote": True,
    "confidence": 88,
    "modelResults": [
        {"modelName": "m", "promote": True, "confidence": 88, "executionTimeMs": 1200}
    ],
    "votingRationale": "one of one",
}


@pytest.fixture
def older(world: World) -> World:
    """A world whose agent speaks the older dialect alone."""
    world.agent.card_status = 404
    world.agent.rest_status = 200
    answers(world.agent, GOOD)
    return world


def answers(agent: ScriptedAgent, document: dict[str, Any]) -> None:
    async def analyze(_: Answer) -> Answer:
        return document

    agent.handlers["analyze"] = analyze


@pytest.mark.parametrize("protocol", ["auto", "rest"])
async def test_its_answer_is_a_verdict(older: World, protocol: str) -> None:
    older.stanza |= {"protocol": protocol, "githubUrl": "https://github.com/acme/shop"}
    done = await older.run()
    assert done.phase is AnalysisPhase.SUCCESSFUL
    assert done.value == "0.88"
    assert done.message == "promote, 88 % confident: all quiet"
    ((_, question),) = older.agent.calls
    assert question["userId"] == "argo-rollouts"
    assert question["memoryId"] == "rollout:prod/shop"
    assert question["context"] == {
        "namespace": "prod",
        "rolloutName": "shop",
        "stableSelector": "role=stable",
        "canarySelector": "role=canary",
        "extraPrompt": "",
        "repoUrl": "https://github.com/acme/shop",
        "baseBranch": "",
    }
    assert "May the canary of Rollout 'shop'" in question["prompt"]


async def test_not_promote_is_a_rollback(older: World) -> None:
    answers(older.agent, GOOD | {"promote": False, "rootCause": "no db"})
    done = await older.run()
    assert done.phase is AnalysisPhase.FAILED
    assert done.message == "rollback, 88 % confident: no db"


async def test_our_own_agent_can_say_inconclusive_in_it(older: World) -> None:
    answers(older.agent, GOOD | {"promote": False, "analysis": "inconclusive: 3 lines only"})
    assert (await older.run()).phase is AnalysisPhase.INCONCLUSIVE


async def test_no_text_turns_a_promote_into_anything_else(older: World) -> None:
    answers(older.agent, GOOD | {"analysis": "inconclusive: is what it is not"})
    assert (await older.run()).phase is AnalysisPhase.SUCCESSFUL


@pytest.mark.parametrize(
    "change",
    [
        {"confidence": 0},
        {"promote": False, "confidence": 0, "analysis": "Unable to parse the response"},
        {"promote": "true"},
        {"promote": None},
        {"confidence": None},
        {"confidence": 101},
        {"confidence": "NaN"},
        {"modelResults": "none"},
    ],
)
async def test_what_nobody_vouches_for_is_an_error(older: World, change: Answer) -> None:
    answers(older.agent, GOOD | change)
    assert error(await older.run()).startswith("A2A agent analysis failed: ")


async def test_an_agent_with_a_card_is_asked_over_a2a(world: World) -> None:
    world.agent.rest_status = 200
    await world.run()
    assert world.agent.methods() == ["SendMessage"]


async def test_a2a_alone_means_a2a_alone(older: World) -> None:
    older.stanza["protocol"] = "a2a"
    assert error(await older.run()).startswith("Kubernetes Agent health check failed: ")
    assert older.agent.calls == []


async def test_an_agent_with_neither_gets_the_first_error(world: World) -> None:
    world.agent.card_status = 404
    message = error(await world.run())
    assert message.startswith("Kubernetes Agent health check failed: ")
    assert "agent-card.json" in message


async def test_an_agent_that_is_not_well_is_an_error(older: World) -> None:
    older.stanza["protocol"] = "rest"
    older.agent.rest_status = 503
    assert "503" in error(await older.run())


async def test_minutes_of_work_hold_no_worker(
    older: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "BUDGET", 0.05)
    gate = asyncio.Event()

    async def slow(_: Answer) -> Answer:
        await gate.wait()
        return GOOD

    older.agent.handlers["analyze"] = slow
    measurement = running(await older.run())
    measurement = running(await older.resume(measurement))
    gate.set()
    monkeypatch.setattr(provider, "BUDGET", 20)
    assert (await older.resume(measurement)).phase is AnalysisPhase.SUCCESSFUL
    assert older.agent.methods() == ["analyze"]


async def test_after_a_restart_it_is_asked_again_as_the_next_attempt_and_no_oftener(
    older: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "BUDGET", 0.05)
    older.agent.handlers["analyze"] = never
    first = running(await older.run())
    await older.agent.wait_for_call("analyze")
    older.restart()
    second = running(await older.resume(first))
    await older.agent.wait_for_call("analyze", 2)
    older.restart()
    monkeypatch.setattr(provider, "BUDGET", 20)
    message = error(await older.resume(second))
    assert "the plugin was started anew during the analysis, after 2 attempts" in message
    assert older.agent.methods() == ["analyze", "analyze"]


async def test_a_broken_connection_is_tried_once_more(older: World) -> None:
    older.agent.handlers["analyze"] = hang_up
    assert error(await older.run()).startswith("A2A agent analysis failed: ")
    assert older.agent.methods() == ["analyze", "analyze"]


async def test_terminate_gives_up_waiting(older: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "BUDGET", 0.05)
    older.agent.handlers["analyze"] = never
    first = running(await older.run())
    ended = await older.terminate(first)
    assert ended.phase is AnalysisPhase.INCONCLUSIVE
