"""An agent, a network and a clock that misbehave in the middle of an analysis."""

import json
import socket
from dataclasses import replace
from datetime import timedelta

import pytest
from provider_world import PROMOTE, TOKEN, World, error, running

from argo_rollouts_plugin.v1alpha1 import AnalysisPhase
from rollouts_plugin_metric_ai import provider


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_a_passing_fault_is_waited_out(world: World, status: int) -> None:
    first = await world.run()
    world.agent.rpc_status = status
    world.clock.pass_seconds(5)
    away = running(await world.resume(first))
    world.agent.rpc_status = 200
    world.agent.finish("task-1", PROMOTE)
    assert (await world.resume(away)).phase is AnalysisPhase.SUCCESSFUL
    assert world.agent.methods().count("SendMessage") == 1


@pytest.mark.parametrize(("asked", "waited"), [("20", 20), ("3600", 30), ("0", 1)])
async def test_retry_after_is_kept_within_the_lease(world: World, asked: str, waited: int) -> None:
    first = await world.run()
    world.agent.rpc_status = 429
    world.agent.rpc_headers = f"retry-after: {asked}\r\n"
    away = running(await world.resume(first))
    assert away.resume_at is not None
    assert away.resume_at - world.clock.now == timedelta(seconds=waited)


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_lasting_fault_ends_the_measurement_with_its_status(
    world: World, status: int
) -> None:
    first = await world.run()
    world.agent.rpc_status = status
    message = error(await world.resume(first))
    assert message.startswith("A2A agent analysis failed: ")
    assert str(status) in message


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
async def test_a_fault_at_the_submission_is_an_error(world: World, status: int) -> None:
    world.agent.rpc_status = status
    message = error(await world.run())
    assert message.startswith("A2A agent analysis failed: ")
    assert str(status) in message


async def test_a_name_that_does_not_resolve_is_an_unhealthy_agent(world: World) -> None:
    world.stanza["agentUrl"] = "http://no-such-agent.invalid:8080"
    assert error(await world.run()).startswith("Kubernetes Agent health check failed: ")


async def test_a_resolver_that_does_not_answer_holds_no_worker(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A resolver cannot be made to hang from here; an address that swallows connections hangs the same
    # step, name to connection, and must end by the same deadline.
    monkeypatch.setattr(provider, "BUDGET", 0.05)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        with socket.create_connection(address), socket.socket() as second:
            second.settimeout(0)
            second.connect_ex(address)  # the backlog is full now: the next one gets no answer
            world.stanza["agentUrl"] = f"http://{address[0]}:{address[1]}"
            running(await world.run())


async def test_a_card_that_changes_its_address_is_fetched_again(world: World) -> None:
    first = await world.run()
    world.agent.finish("task-1", PROMOTE)
    world.result = replace(world.result, count=1)
    world.clock.pass_seconds(31)
    world.agent.extended = False
    second = running(await world.run())
    card = json.loads(second.metadata["agentCard"])
    assert card["extensions"] == []
    assert (await world.resume(first)).phase is AnalysisPhase.SUCCESSFUL


async def test_a_clock_that_jumps_back_loses_nothing(world: World) -> None:
    first = await world.run()
    world.clock.pass_seconds(-3600)
    again = running(await world.resume(first))
    assert again.resume_at is not None
    assert timedelta(0) < again.resume_at - world.clock.now <= timedelta(seconds=31)
    world.agent.finish("task-1", PROMOTE)
    assert (await world.resume(again)).phase is AnalysisPhase.SUCCESSFUL


async def test_a_clock_that_jumps_ahead_ends_in_an_error_never_in_a_pass(world: World) -> None:
    first = await world.run()
    world.agent.finish("task-1", PROMOTE)
    world.clock.pass_seconds(86_400)
    assert "no verdict after 86400 s" in error(await world.resume(first))


async def test_a_measurement_whose_agent_was_edited_sends_nothing_there(world: World) -> None:
    world.stanza["auth"] = {"token": TOKEN}
    first = await world.run()
    elsewhere = {**first.metadata, "agentUrl": "http://127.0.0.1:1"}
    assert "another agentUrl" in error(await world.resume(replace(first, metadata=elsewhere)))


async def test_a_card_that_was_edited_sends_nothing_there(world: World) -> None:
    world.stanza["auth"] = {"token": TOKEN}
    first = await world.run()
    card = json.loads(first.metadata["agentCard"]) | {"url": "http://127.0.0.1:1/rpc"}
    edited = {**first.metadata, "agentCard": json.dumps(card)}
    message = error(await world.resume(replace(first, metadata=edited)))
    assert "names an address that agentUrl may not" in message


async def test_the_pace_learns_when_verdicts_are_ready_not_when_they_are_fetched(
    world: World,
) -> None:
    for number in (1, 2):
        first = await world.run()
        if number == 2:
            assert first.resume_at is not None
            # The agent took 20 s the first time, though it was asked after 60 s.
            assert first.resume_at - world.clock.now == timedelta(seconds=21)
        world.clock.pass_seconds(60)
        world.agent.finish(f"task-{number}", PROMOTE)
        ready = (world.clock.now - timedelta(seconds=40)).isoformat()
        world.agent.set_state(f"task-{number}", "COMPLETED", timestamp=ready)
        assert (await world.resume(first)).phase is AnalysisPhase.SUCCESSFUL
        world.result = replace(world.result, count=number)


@pytest.mark.parametrize("ready", ["1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "no time"])
async def test_an_agent_s_clock_teaches_nothing_absurd(world: World, ready: str) -> None:
    first = await world.run()
    world.clock.pass_seconds(10)
    world.agent.finish("task-1", PROMOTE)
    world.agent.set_state("task-1", "COMPLETED", timestamp=ready)
    await world.resume(first)
    world.result = replace(world.result, count=1)
    second = await world.run()
    assert second.resume_at is not None
    assert second.resume_at - world.clock.now <= timedelta(seconds=11)
