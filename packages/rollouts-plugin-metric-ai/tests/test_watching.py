"""An AnalysisRun that ends while a measurement is open: the agent hears of it, and of nothing else."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from kubernetes_api import KubernetesApi, kubeconfig, serving
from provider_world import PROMOTE, UID, World, never, running
from scripted_agent import Answer

from argo_rollouts_plugin.v1alpha1 import AnalysisPhase, Measurement, MetricResult
from rollouts_plugin_metric_ai import provider
from rollouts_plugin_metric_ai.provider import MetricAiProvider
from rollouts_plugin_metric_ai.watching import LazyRunWatch

RUN = "shop-6d9"


@pytest.fixture
def cluster() -> Iterator[KubernetesApi]:
    with serving() as api:
        api.analysis.create(RUN, UID)
        yield api


@pytest.fixture
async def restarted(
    world: World, cluster: KubernetesApi, tmp_path: Path
) -> AsyncIterator[Callable[[], World]]:
    """Starts the provider anew, with a watch of the cluster."""
    watches: list[LazyRunWatch] = []
    environment = {"KUBECONFIG": str(kubeconfig(tmp_path / "config", cluster))}

    def start() -> World:
        watches.append(LazyRunWatch(environment))
        world.provider = MetricAiProvider(
            world.client, world.operator, clock=world.clock, watch=watches[-1]
        )
        return world

    yield start
    for watch in watches:
        await watch.aclose()


@pytest.fixture
def watched(restarted: Callable[[], World]) -> World:
    return restarted()


async def settled(world: World) -> Measurement:
    """A measurement whose task is known."""
    measurement = running(await world.run())
    while "taskId" not in measurement.metadata:
        measurement = running(await world.resume(measurement))
    return measurement


async def watch_begun(cluster: KubernetesApi) -> None:
    await asyncio.to_thread(cluster.analysis.wait_for_watch)


def assert_terminated(measurement: Measurement, why: str) -> None:
    assert measurement.phase is AnalysisPhase.INCONCLUSIVE
    assert measurement.finished_at is not None
    assert measurement.message == f"terminated before a verdict ({why})"


@pytest.mark.parametrize(
    ("part", "fields", "why"),
    [
        ("spec", {"terminate": True}, "it was terminated"),
        ("status", {"phase": "Failed"}, "it ended as Failed"),
        ("metadata", {"deletionTimestamp": "2026-01-31T12:00:00Z"}, "it was deleted"),
    ],
)
async def test_the_agent_is_told_and_asked_no_more(
    watched: World, cluster: KubernetesApi, part: str, fields: dict[str, object], why: str
) -> None:
    first = await settled(watched)
    cluster.analysis.merge(RUN, part, fields)
    await watched.agent.wait_for_call("CancelTask")
    # The controller may not know yet.
    assert_terminated(await watched.resume(first), why)
    assert_terminated(await watched.run(), why)
    assert (await watched.terminate(first)).phase is AnalysisPhase.INCONCLUSIVE
    assert watched.agent.methods() == ["SendMessage", "CancelTask"]


async def test_all_measurements_of_a_run_are_cancelled_and_no_others(
    watched: World, cluster: KubernetesApi
) -> None:
    for name in ("a", "b", "c"):
        await watched.provider.run(watched.analysis_run, replace(watched.metric, name=name))
    other = replace(
        watched.analysis_run.metadata, uid="5f1c0e1e-0000-4000-8000-000000000002", name="o"
    )
    cluster.analysis.create("o", other.uid)
    await watched.provider.run(replace(watched.analysis_run, metadata=other), watched.metric)
    cluster.analysis.merge(RUN, "status", {"phase": "Failed"})
    await watched.agent.wait_for_call("CancelTask", 3)
    cancelled = {call["id"] for method, call in watched.agent.calls if method == "CancelTask"}
    assert cancelled == {"task-1", "task-2", "task-3"}


async def test_what_has_its_verdict_is_not_cancelled(
    watched: World, cluster: KubernetesApi
) -> None:
    first = await settled(watched)
    await watch_begun(cluster)
    watched.agent.finish("task-1", PROMOTE)
    assert (await watched.resume(first)).phase is AnalysisPhase.SUCCESSFUL
    cluster.analysis.merge(RUN, "status", {"phase": "Successful"})
    # A second run, whose end comes after that of the first.
    cluster.analysis.create("late", "5f1c0e1e-0000-4000-8000-000000000003")
    late = replace(
        watched.analysis_run.metadata, uid="5f1c0e1e-0000-4000-8000-000000000003", name="late"
    )
    await watched.provider.run(replace(watched.analysis_run, metadata=late), watched.metric)
    cluster.analysis.delete("late")
    await watched.agent.wait_for_call("CancelTask")
    assert [call["id"] for method, call in watched.agent.calls if method == "CancelTask"] == [
        "task-2"
    ]


async def test_a_verdict_that_is_on_its_way_when_the_run_ends_counts(
    watched: World, cluster: KubernetesApi
) -> None:
    first = await settled(watched)
    await watch_begun(cluster)
    asked, gate = asyncio.Event(), asyncio.Event()

    async def late(params: Answer) -> Answer:
        asked.set()
        await gate.wait()
        watched.agent.finish("task-1", PROMOTE)
        return await watched.agent.on_GetTask(params)

    watched.agent.handlers["GetTask"] = late
    resuming = asyncio.create_task(watched.resume(first))
    await asked.wait()
    cluster.analysis.terminate(RUN)
    given_up = watched.provider._open.given_up
    async with asyncio.timeout(20):
        while not given_up(first.metadata["contextId"]):  # noqa: ASYNC110 - told by another thread's server
            await asyncio.sleep(0.01)
    gate.set()
    done = await resuming
    assert done.phase in {AnalysisPhase.SUCCESSFUL, AnalysisPhase.RUNNING}
    await asyncio.gather(*watched.provider._errands)
    assert "CancelTask" not in watched.agent.methods()


async def test_a_question_on_its_way_when_the_run_ends_is_cancelled_by_its_reply(
    watched: World, cluster: KubernetesApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "BUDGET", 0.05)
    gate = asyncio.Event()

    async def slow(params: Answer) -> Answer:
        await gate.wait()
        return await watched.agent.on_SendMessage(params)

    watched.agent.handlers["SendMessage"] = slow
    first = running(await watched.run())
    assert "taskId" not in first.metadata
    monkeypatch.setattr(provider, "BUDGET", 20)
    cluster.analysis.terminate(RUN)
    async with asyncio.timeout(20):
        while not watched.provider._open.given_up(first.metadata["contextId"]):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    gate.set()
    await watched.agent.wait_for_call("CancelTask")
    assert watched.agent.methods().count("SendMessage") == 1


async def test_a_task_whose_name_never_came_is_looked_for(
    watched: World, cluster: KubernetesApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "BUDGET", 0.05)
    watched.agent.extended = False  # one that may well answer when all is done

    async def take_and_hang(params: Answer) -> Answer:
        await watched.agent.on_SendMessage(params)
        return await never(params)

    watched.agent.handlers["SendMessage"] = take_and_hang
    running(await watched.run())
    await watched.agent.wait_for_call("SendMessage")
    cluster.analysis.terminate(RUN)
    await watched.agent.wait_for_call("CancelTask")
    assert watched.agent.calls[-1] == ("CancelTask", {"id": "task-1"})


async def test_a_run_that_has_ended_before_the_controller_knew_costs_the_agent_nothing_for_long(
    watched: World, cluster: KubernetesApi
) -> None:
    # Another measurement has the watch going.
    other = replace(
        watched.analysis_run.metadata, uid="5f1c0e1e-0000-4000-8000-000000000002", name="o"
    )
    cluster.analysis.create("o", other.uid)
    await watched.provider.run(replace(watched.analysis_run, metadata=other), watched.metric)
    await watch_begun(cluster)
    cluster.analysis.terminate(RUN)
    cluster.analysis.bookmark()
    await watched.run()
    await watched.agent.wait_for_call("CancelTask")


async def test_a_new_process_cancels_what_it_has_been_asked_to_resume(
    restarted: Callable[[], World], cluster: KubernetesApi
) -> None:
    first = await settled(restarted())
    world = restarted()
    running(await world.resume(first))
    cluster.analysis.terminate(RUN)
    await world.agent.wait_for_call("CancelTask")


async def test_a_measurement_after_the_one_that_was_given_up_is_asked_about(
    watched: World, cluster: KubernetesApi
) -> None:
    first = await settled(watched)
    cluster.analysis.terminate(RUN)
    await watched.agent.wait_for_call("CancelTask")
    assert_terminated(await watched.resume(first), "it was terminated")
    watched.result = MetricResult(name="ai-analysis", count=1)
    running(await watched.run())
    assert watched.agent.methods().count("SendMessage") == 2


async def test_without_a_cluster_all_goes_on_as_before(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    watch = LazyRunWatch({})
    world.provider = MetricAiProvider(world.client, world.operator, clock=world.clock, watch=watch)
    await world.provider.init()
    first = await settled(world)
    world.agent.finish("task-1", PROMOTE)
    assert (await world.resume(first)).phase is AnalysisPhase.SUCCESSFUL
    await watch.aclose()
    assert "AnalysisRuns" not in caplog.text
