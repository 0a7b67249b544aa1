"""Agents that keep their answer in the task's history alone, as langgraph-api does."""

import json
from typing import Any

import pytest
from provider_world import PROMOTE, ROLLBACK, World, error, running
from scripted_agent import Answer, RpcError

from argo_rollouts_plugin.v1alpha1 import AnalysisPhase


def said(role: str, *texts: object) -> Answer:
    parts = [{"text": text if isinstance(text, str) else json.dumps(text)} for text in texts]
    return {"messageId": "m", "role": role, "parts": parts}


def keeps(world: World, *history: Answer, status: str = "") -> None:
    """The agent's first task is done, and what it has to say stands in the history."""
    message = {"message": said("ROLE_AGENT", status)} if status else {}
    world.agent.set_state("task-1", "COMPLETED", **message)

    async def get_task(params: Answer) -> Answer:
        task: dict[str, Any] = await world.agent.on_GetTask(params)
        return {**task, "history": list(history)} if params["historyLength"] else task

    world.agent.handlers["GetTask"] = get_task


def lengths(world: World) -> list[int]:
    return [params["historyLength"] for name, params in world.agent.calls if name == "GetTask"]


@pytest.mark.parametrize("status", ["", "All done."])
async def test_the_agent_s_last_message_is_the_answer(world: World, status: str) -> None:
    first = await world.run()
    history = said("ROLE_USER", PROMOTE), said("ROLE_AGENT", PROMOTE), said("ROLE_AGENT", ROLLBACK)
    keeps(world, *history, status=status)
    assert (await world.resume(first)).phase is AnalysisPhase.FAILED
    assert lengths(world) == [0, 10]


async def test_our_own_words_are_no_answer(world: World) -> None:
    first = await world.run()
    keeps(world, said("ROLE_USER", PROMOTE))
    assert "found an answer without parts" in error(await world.resume(first))


async def test_an_answer_in_the_usual_places_is_not_looked_for_elsewhere(world: World) -> None:
    first = await world.run()
    keeps(world, said("ROLE_AGENT", PROMOTE))
    world.agent.finish("task-1", ROLLBACK)
    assert (await world.resume(first)).phase is AnalysisPhase.FAILED
    assert lengths(world) == [0]


async def test_words_in_the_history_contradict_no_artifact(world: World) -> None:
    first = await world.run()
    keeps(world, said("ROLE_AGENT", PROMOTE))
    world.agent.tasks["task-1"]["artifacts"] = [{"artifactId": "a", "parts": [{"text": "prose"}]}]
    assert "no verdict in the answer" in error(await world.resume(first))


async def test_an_agent_without_a_history_is_unreadable(world: World) -> None:
    first = await world.run()
    world.agent.set_state("task-1", "COMPLETED")

    async def get_task(params: Answer) -> Answer:
        if params["historyLength"]:
            raise RpcError(-32602)
        return await world.agent.on_GetTask(params)

    world.agent.handlers["GetTask"] = get_task
    assert "found an answer without parts" in error(await world.resume(first))


async def test_a_lost_measurement_finds_the_verdict_again(world: World) -> None:
    world.agent.extended = False
    running(await world.run())
    keeps(world, said("ROLE_AGENT", ROLLBACK))
    world.restart()
    found = running(await world.run())
    assert found.metadata["taskId"] == "task-1"
    assert (await world.resume(found)).phase is AnalysisPhase.FAILED
    assert world.agent.methods().count("SendMessage") == 1
