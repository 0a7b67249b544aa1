import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from provider_world import (
    PROMOTE,
    ROLLBACK,
    TOKEN,
    UID,
    World,
    error,
    hang_up,
    not_known,
    running,
)
from scripted_agent import Answer, HangUpError, ScriptedAgent

from argo_rollouts_plugin.v1alpha1 import AnalysisPhase, Measurement, ObjectMeta
from canary_verdict import parse_request
from rollouts_plugin_metric_ai import provider
from rollouts_plugin_metric_ai.a2a_client import AgentClient, HostPolicy

# A verdict, from question to measurement


async def test_run_submits_and_resume_brings_the_verdict(world: World) -> None:
    first = running(await world.run())
    assert first.metadata["taskId"] == "task-1"
    still = running(await world.resume(first))
    world.agent.finish("task-1", PROMOTE)
    done = await world.resume(still)
    assert done.phase is AnalysisPhase.SUCCESSFUL
    assert done.value == "0.92"
    assert done.message == "promote, 92 % confident: all quiet"
    assert done.started_at == first.started_at
    assert world.agent.methods() == ["SendMessage", "GetTask", "GetTask"]


async def test_the_question_is_complete_in_text_and_in_data(world: World) -> None:
    world.stanza |= {"extraPrompt": "```\nIgnore color changes.", "timeout": "5m", "window": "3m"}
    await world.run()
    (message,) = world.agent.sent()
    text, data = message["parts"]
    request = parse_request(data["data"])
    assert request.run.uid == UID
    assert request.run.namespace == "prod"
    assert request.rollout == "shop"
    assert request.canary.pod_template_hash == "abc"
    assert request.window == 180
    assert request.deadline == world.clock.now + timedelta(minutes=5)
    assert request.extra_prompt.startswith("```")
    assert text["text"].count("```") == 2
    fenced = text["text"].split("```json\n")[1].split("\n```")[0]
    assert parse_request(json.loads(fenced)) == request


async def test_an_agent_without_our_extension_gets_text_alone(world: World) -> None:
    world.agent.extended = False
    running(await world.run())
    (message,) = world.agent.sent()
    assert [set(part) & {"text", "data"} for part in message["parts"]] == [{"text"}]


async def test_a_run_without_a_rollout_says_so(world: World) -> None:
    run = replace(world.analysis_run, metadata=ObjectMeta(name="r", namespace="prod", uid=UID))
    await world.provider.run(run, world.metric)
    (message,) = world.agent.sent()
    assert "it belongs to no Rollout" in message["parts"][0]["text"]
    assert parse_request(message["parts"][1]["data"]).rollout == ""


async def test_a_verdict_that_comes_at_once_needs_no_resume(world: World) -> None:
    async def at_once(params: Answer) -> Answer:
        result = await world.agent.on_SendMessage(params)
        world.agent.finish("task-1", ROLLBACK)
        return result | {"task": world.agent.tasks["task-1"]}

    world.agent.handlers["SendMessage"] = at_once
    done = await world.run()
    assert done.phase is AnalysisPhase.FAILED
    assert done.value == "0"


async def test_a_message_instead_of_a_task_is_an_answer_too(world: World) -> None:
    async def message(_: Answer) -> Answer:
        part = {"text": f"```json\n{json.dumps(PROMOTE)}\n```"}
        return {"message": {"messageId": "m", "role": "ROLE_AGENT", "parts": [part]}}

    world.agent.handlers["SendMessage"] = message
    assert (await world.run()).phase is AnalysisPhase.SUCCESSFUL


async def test_a_condition_tightens_the_verdict(world: World) -> None:
    world.success_condition = "result.confidence > 95"
    first = await world.run()
    world.agent.finish("task-1", PROMOTE)
    assert (await world.resume(first)).phase is AnalysisPhase.FAILED


# What is no verdict


@pytest.mark.parametrize(
    ("verdict", "phase"),
    [
        (PROMOTE | {"confidence": 49}, AnalysisPhase.INCONCLUSIVE),
        (PROMOTE | {"verdict": "inconclusive"}, AnalysisPhase.INCONCLUSIVE),
        (PROMOTE | {"confidence": 101}, AnalysisPhase.ERROR),
        (PROMOTE | {"confidence": "NaN"}, AnalysisPhase.ERROR),
        (PROMOTE | {"runUid": "another"}, AnalysisPhase.ERROR),
        (PROMOTE | {"confidence": 0}, AnalysisPhase.ERROR),
        (PROMOTE | {"schemaVersion": "9"}, AnalysisPhase.ERROR),
        ({}, AnalysisPhase.ERROR),
    ],
)
async def test_nothing_unreadable_promotes(
    world: World, verdict: Answer, phase: AnalysisPhase
) -> None:
    first = await world.run()
    world.agent.finish("task-1", verdict)
    done = await world.resume(first)
    assert done.phase is phase
    if phase is AnalysisPhase.ERROR:
        assert done.message.startswith("A2A agent analysis failed: ")


async def test_completed_without_a_verdict_is_an_error(world: World) -> None:
    first = await world.run()
    world.agent.set_state("task-1", "COMPLETED")
    assert error(await world.resume(first)).startswith("A2A agent analysis failed: ")


@pytest.mark.parametrize("state", ["FAILED", "REJECTED", "CANCELED"])
async def test_a_task_that_ends_without_a_verdict_is_an_error_with_its_reason(
    world: World, state: str
) -> None:
    first = await world.run()
    status = {"messageId": "m", "role": "ROLE_AGENT", "parts": [{"text": "no\nlogs"}]}
    world.agent.set_state("task-1", state, message=status)
    assert error(await world.resume(first)) == (
        f"A2A agent analysis failed: the agent's task ended as {state.lower()}: no logs"
    )


@pytest.mark.parametrize("state", ["INPUT_REQUIRED", "AUTH_REQUIRED"])
async def test_a_task_that_needs_a_person_pauses_the_rollout_and_is_cancelled(
    world: World, state: str
) -> None:
    first = await world.run()
    world.agent.set_state("task-1", state)
    assert (await world.resume(first)).phase is AnalysisPhase.INCONCLUSIVE
    await world.agent.wait_for_call("CancelTask")


async def test_an_agent_that_the_operator_does_not_allow_is_not_asked(
    agent: ScriptedAgent,
) -> None:
    policy = HostPolicy(allowed=["agent.example"])
    async with AgentClient(user_agent="test", host_policy=policy) as client:
        world = World(agent, client)
        await world.provider.init()
        message = error(await world.run())
    assert message.startswith("Kubernetes Agent health check failed: ")
    assert "operator" in message
    assert agent.calls == []


async def test_a_missing_agent_url_has_the_readme_s_message(world: World) -> None:
    del world.stanza["agentUrl"]
    assert error(await world.run()).startswith("agentUrl is required in plugin configuration: ")
    assert await world.provider.metadata(world.metric) == {}


async def test_the_log_names_the_run_of_a_stanza_with_a_mistake(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    del world.stanza["agentUrl"]
    error(await world.run())
    (line,) = [one for one in caplog.records if "agentUrl is required" in one.getMessage()]
    assert vars(line)["run"] == "shop-6d9"


async def test_the_metadata_says_who_is_asked(world: World) -> None:
    assert await world.provider.metadata(world.metric) == {
        "agentUrl": world.agent.url,
        "stableLabel": "role=stable",
        "canaryLabel": "role=canary",
    }
    assert await world.provider.type() == "MetricAI"


# Agents that are slow, away, or forget


async def test_an_agent_that_is_not_there_is_an_error(world: World) -> None:
    world.stanza["agentUrl"] = "http://127.0.0.1:1"
    assert error(await world.run()).startswith("Kubernetes Agent health check failed: ")


@pytest.mark.parametrize("status", [404, 401, 500, 503])
async def test_an_agent_that_serves_no_card_is_unhealthy(world: World, status: int) -> None:
    world.agent.card_status = status
    message = error(await world.run())
    assert message.startswith("Kubernetes Agent health check failed: ")
    assert str(status) in message


async def test_a_hanging_agent_does_not_hold_the_worker(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "BUDGET", 0.05)
    world.agent.extended = False  # an agent that may well answer when all is done
    gate = asyncio.Event()

    async def late(params: Answer) -> Answer:
        await gate.wait()
        result = await world.agent.on_SendMessage(params)
        world.agent.finish("task-1", PROMOTE)
        return {"task": result["task"] | world.agent.tasks["task-1"]}

    world.agent.handlers["SendMessage"] = late
    first = running(await world.run())
    assert "taskId" not in first.metadata
    again = running(await world.resume(first))
    gate.set()
    monkeypatch.setattr(provider, "BUDGET", 20)
    assert (await world.resume(again)).phase is AnalysisPhase.SUCCESSFUL
    assert world.agent.methods().count("SendMessage") == 1


async def test_after_the_deadline_there_is_an_error_and_the_task_is_cancelled(world: World) -> None:
    first = await world.run()
    world.clock.pass_seconds(601)
    assert error(await world.resume(first)) == (
        "A2A agent analysis failed: no verdict after 601 s (timeout 600 s), the last contact with "
        "the agent 601 s ago"
    )
    await world.agent.wait_for_call("CancelTask")


async def test_an_agent_that_is_away_for_a_while_loses_nothing(world: World) -> None:
    measurement = await world.run()
    world.agent.rpc_status = 503
    for _ in range(4):
        world.clock.pass_seconds(25)
        measurement = running(await world.resume(measurement))
        assert measurement.resume_at is not None
        assert measurement.resume_at - world.clock.now <= timedelta(seconds=31)
    world.agent.rpc_status = 200
    world.agent.finish("task-1", PROMOTE)
    assert (await world.resume(measurement)).phase is AnalysisPhase.SUCCESSFUL


async def test_an_agent_that_stays_away_is_an_error_after_two_minutes(world: World) -> None:
    measurement = await world.run()
    world.agent.rpc_status = 503
    world.clock.pass_seconds(100)
    measurement = running(await world.resume(measurement))
    world.clock.pass_seconds(21)
    assert "no contact for 121 s" in error(await world.resume(measurement))


@pytest.mark.parametrize("status", [401, 403])
async def test_an_agent_that_refuses_us_is_an_error_at_once(world: World, status: int) -> None:
    measurement = await world.run()
    world.agent.rpc_status = status
    assert str(status) in error(await world.resume(measurement))


async def test_a_forgotten_task_is_submitted_once_more_and_no_oftener(world: World) -> None:
    first = await world.run()
    world.agent.tasks.clear()
    second = running(await world.resume(first))
    assert second.metadata["attempt"] == "2"
    assert second.metadata["deadline"] == first.metadata["deadline"]
    ids = [message["messageId"] for message in world.agent.sent()]
    assert len(set(ids)) == 2
    world.agent.tasks.clear()
    assert "no longer knows the task, after 2 attempts" in error(await world.resume(second))


async def test_an_agent_of_ours_without_a_sign_of_life_counts_as_lost(world: World) -> None:
    first = await world.run()
    world.clock.pass_seconds(59)
    same = running(await world.resume(first))
    world.clock.pass_seconds(2)
    again = running(await world.resume(same))
    assert again.metadata["taskId"] == "task-2"
    assert "CancelTask" in world.agent.methods()


async def test_a_sign_of_life_keeps_the_task(world: World) -> None:
    measurement = await world.run()
    for second in (40, 80, 120):
        world.clock.pass_seconds(40)
        world.agent.set_state("task-1", "WORKING", timestamp=f"2026-01-31T12:00:{second % 60:02}Z")
        measurement = running(await world.resume(measurement))
    assert measurement.metadata["taskId"] == "task-1"


async def test_other_agents_may_work_in_silence(world: World) -> None:
    world.agent.extended = False
    measurement = await world.run()
    world.clock.pass_seconds(300)
    assert running(await world.resume(measurement)).metadata["taskId"] == "task-1"


# Kills: of the plugin, of the controller, of a reply


async def test_a_new_process_goes_on_where_the_old_one_was(world: World) -> None:
    first = await world.run()
    world.restart()
    world.agent.finish("task-1", PROMOTE)
    assert (await world.resume(first)).phase is AnalysisPhase.SUCCESSFUL
    assert world.agent.methods() == ["SendMessage", "GetTask"]


@pytest.mark.parametrize("extended", [True, False])
async def test_a_run_whose_measurement_was_lost_adopts_the_task(
    world: World, *, extended: bool
) -> None:
    world.agent.extended = extended
    first = await world.run()
    world.restart()
    second = running(await world.run())
    assert second.metadata["taskId"] == first.metadata["taskId"]
    assert len(world.agent.tasks) == 1


async def test_a_verdict_that_no_measurement_took_is_adopted(world: World) -> None:
    await world.run()
    world.agent.finish("task-1", PROMOTE)
    world.restart()
    # A kill during Resume leaves an Error without metadata; the count stays.
    world.result = replace(world.result, error=1)
    first = running(await world.run())
    assert (await world.resume(first)).phase is AnalysisPhase.SUCCESSFUL
    assert len(world.agent.sent()) == 1


@pytest.mark.parametrize("state", ["FAILED", "REJECTED", "CANCELED"])
async def test_a_task_that_came_to_nothing_raises_the_attempt(world: World, state: str) -> None:
    await world.run()
    world.agent.set_state("task-1", state)
    world.result = replace(world.result, error=1)
    again = running(await world.run())
    assert again.metadata["attempt"] == "2"
    assert again.metadata["taskId"] == "task-2"


async def test_twelve_measurements_of_one_metric_are_twelve_tasks(world: World) -> None:
    for number in range(1, 13):
        first = running(await world.run())
        assert first.metadata["taskId"] == f"task-{number}"
        world.agent.finish(f"task-{number}", PROMOTE)
        done = await world.resume(first)
        assert done.phase is AnalysisPhase.SUCCESSFUL
        # The controller keeps ten measurements, but counts all.
        kept = (*world.result.measurements, done)[-10:]
        world.result = replace(world.result, count=number, measurements=kept)
    assert len({message["contextId"] for message in world.agent.sent()}) == 12


async def test_after_a_lost_reply_the_task_is_looked_for_before_anything_is_sent_again(
    world: World,
) -> None:
    async def take_and_hang_up(params: Answer) -> Answer:
        await world.agent.on_SendMessage(params)
        raise HangUpError

    world.agent.handlers["SendMessage"] = take_and_hang_up
    assert running(await world.run()).metadata["taskId"] == "task-1"
    assert world.agent.methods() == ["SendMessage", "ListTasks"]


async def test_where_tasks_cannot_be_listed_the_same_message_goes_out_once_more(
    world: World,
) -> None:
    world.agent.handlers |= {"SendMessage": hang_up, "ListTasks": not_known}
    assert error(await world.run()).startswith("A2A agent analysis failed: ")
    ids = {message["messageId"] for message in world.agent.sent()}
    assert len(world.agent.sent()) == 2
    assert len(ids) == 1


# The end of work that nobody waits for


async def test_terminate_cancels_and_claims_no_verdict(world: World) -> None:
    first = await world.run()
    world.agent.finish("task-1", PROMOTE)
    ended = await world.terminate(first)
    assert ended.phase is AnalysisPhase.INCONCLUSIVE
    assert ended.message == "terminated before a verdict"
    await world.agent.wait_for_call("CancelTask")


async def test_terminate_finds_the_task_of_a_message_still_on_its_way(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "BUDGET", 0.05)
    gate = asyncio.Event()

    async def slow(params: Answer) -> Answer:
        await gate.wait()
        return await world.agent.on_SendMessage(params)

    world.agent.handlers["SendMessage"] = slow
    first = running(await world.run())
    monkeypatch.setattr(provider, "BUDGET", 20)
    ending = asyncio.create_task(world.terminate(first))
    gate.set()
    assert (await ending).phase is AnalysisPhase.INCONCLUSIVE
    await world.agent.wait_for_call("CancelTask")


async def test_terminate_of_what_cannot_be_read_still_ends(world: World) -> None:
    nothing = Measurement(phase=AnalysisPhase.RUNNING)
    ended = await world.terminate(nothing)
    assert ended.phase is AnalysisPhase.INCONCLUSIVE
    assert "contextId" in ended.message


async def test_resume_of_what_cannot_be_read_is_an_error(world: World) -> None:
    assert "contextId" in error(await world.resume(Measurement(phase=AnalysisPhase.RUNNING)))


async def test_work_that_nobody_asks_for_any_more_is_cancelled(
    agent: ScriptedAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "LEASE_SECONDS", 0.05)
    async with AgentClient(user_agent="test") as client:
        world = World(agent, client)
        running(await world.run())
        await agent.wait_for_call("CancelTask")


# Secrets


async def test_a_token_that_a_hostile_agent_writes_back_goes_nowhere(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    world.stanza["auth"] = {"token": TOKEN}
    first = await world.run()
    echo = {"analysis": f"Bearer {TOKEN}", "rootCause": TOKEN, "remediation": f"use {TOKEN}"}
    world.agent.finish("task-1", PROMOTE | echo)
    done = await world.resume(first)
    assert done.phase is AnalysisPhase.SUCCESSFUL
    everything = [done.message, *done.metadata.values(), *first.metadata.values()]
    assert not any(TOKEN in text for text in everything)
    assert TOKEN not in caplog.text
    assert not any(TOKEN in str(vars(record)) for record in caplog.records)
