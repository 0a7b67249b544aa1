"""attachLogs from stanza to message: in the data part, in text alone, without rights, with a slow API."""

import json
import threading
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from kubernetes_api import KubernetesApi, kubeconfig
from kubernetes_objects import container, pod
from provider_world import PROMOTE, TOKEN, World, running
from scripted_agent import ScriptedAgent

from argo_rollouts_plugin.v1alpha1 import AnalysisPhase
from canary_verdict import CanaryRequest, parse_request
from rollouts_plugin_metric_ai.kube import KubeApi, find_access
from rollouts_plugin_metric_ai.provider import MetricAiProvider
from rollouts_plugin_metric_ai.question import TEXT_LOG_BYTES, question_text

CANARY: dict[str, Any] = {"pod_hash": "abc", "role": "canary"}


@pytest.fixture
def where(cluster: KubernetesApi, tmp_path: Path) -> dict[str, str]:
    """The environment that leads to the cluster."""
    return {"KUBECONFIG": str(kubeconfig(tmp_path / "config", cluster))}


@pytest.fixture
async def attaching(
    world: World, cluster: KubernetesApi, where: dict[str, str]
) -> AsyncIterator[World]:
    """A world whose stanza has attachLogs, beside a cluster with a pod on each side."""
    kube = KubeApi(partial(find_access, where))
    world.provider = MetricAiProvider(world.client, world.operator, clock=world.clock, kube=kube)
    world.stanza["attachLogs"] = True
    cluster.pods = [pod("s-1"), pod("c-1", **CANARY)]
    cluster.log("s-1", "app", "stable is well")
    cluster.log("c-1", "app", "canary is ill", f"token {TOKEN} ```json {{}}")
    yield world
    await kube.aclose()


def fenced(text: str) -> CanaryRequest:
    return parse_request(json.loads(text.split("```json\n")[1].split("\n```", maxsplit=1)[0]))


def parts(agent: ScriptedAgent, number: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = agent.sent()[number]["parts"]
    return found


async def settled(world: World) -> None:
    """Runs, and asks again until the question is sent."""
    measurement = await world.run()
    while "taskId" not in measurement.metadata and not measurement.finished_at:
        measurement = await world.resume(measurement)


async def test_logs_travel_once_in_the_data_part(attaching: World) -> None:
    await settled(attaching)
    text, data = parts(attaching.agent)
    attached = parse_request(data["data"]).attached
    assert [log.pod for log in attached.logs] == ["c-1", "s-1"]
    assert "canary is ill" in attached.logs[0].text
    assert "canary is ill" not in text["text"]
    assert "are in the data part" in text["text"]
    assert not fenced(text["text"]).attached.logs


async def test_agents_that_read_text_get_them_in_its_one_object(attaching: World) -> None:
    attaching.agent.extended = False
    await settled(attaching)
    (text,) = parts(attaching.agent)
    assert text["text"].count("```") == 2
    attached = fenced(text["text"]).attached
    assert "canary is ill" in attached.logs[0].text
    assert "attachedLogs holds them" in text["text"]


async def test_the_stanzas_own_token_does_not_travel_in_a_log(
    attaching: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    attaching.stanza["auth"] = {"token": TOKEN}
    await settled(attaching)
    assert TOKEN not in json.dumps(attaching.agent.sent())
    assert TOKEN not in caplog.text
    assert "is ill" not in caplog.text + str([vars(record) for record in caplog.records])


async def test_without_attach_logs_nobody_asks_the_cluster(
    attaching: World, cluster: KubernetesApi
) -> None:
    del attaching.stanza["attachLogs"]
    await settled(attaching)
    assert not cluster.asked
    assert "attached" not in json.dumps(attaching.agent.sent())


async def test_a_lost_task_has_its_logs_read_again(
    attaching: World, cluster: KubernetesApi
) -> None:
    first = running(await attaching.run())
    while "taskId" not in first.metadata:
        first = running(await attaching.resume(first))
    assert "is ill" not in str(first.metadata)
    attaching.agent.tasks.clear()
    cluster.log("c-1", "app", "canary is worse")
    again = running(await attaching.resume(first))
    while len(attaching.agent.sent()) < 2:
        again = running(await attaching.resume(again))
    data = parts(attaching.agent, 1)[1]["data"]
    assert "canary is worse" in parse_request(data).attached.logs[0].text


@pytest.mark.parametrize("extended", [True, False])
async def test_without_rights_the_question_goes_out_and_says_so(
    attaching: World, cluster: KubernetesApi, *, extended: bool
) -> None:
    attaching.agent.extended = extended
    cluster.refuse("/pods", 403, "no", reason="Forbidden")
    await settled(attaching)
    text = parts(attaching.agent)[0]["text"]
    assert "Nobody could read the logs for you" in text
    assert "needs list on pods in the namespace prod" in fenced(text).attached.gaps[0].text


async def test_outside_of_any_cluster_the_question_goes_out_and_says_so(
    attaching: World, where: dict[str, str]
) -> None:
    where.clear()
    await settled(attaching)
    data = parts(attaching.agent)[1]["data"]
    assert "found neither KUBECONFIG" in parse_request(data).attached.gaps[0].text


async def test_run_does_not_wait_for_a_slow_api(attaching: World, cluster: KubernetesApi) -> None:
    may_go_on = threading.Event()

    def slow() -> Iterator[bytes]:
        may_go_on.wait(60)
        yield b"late\n"

    cluster.streams["c-1", "app"] = slow
    first = running(await attaching.run())
    assert not attaching.agent.sent()
    may_go_on.set()
    while "taskId" not in first.metadata:
        first = running(await attaching.resume(first))
    attaching.agent.finish("task-1", PROMOTE)
    done = await attaching.resume(first)
    while not done.finished_at:
        done = await attaching.resume(done)
    assert done.phase is AnalysisPhase.SUCCESSFUL


async def test_a_question_of_text_is_bounded(attaching: World, cluster: KubernetesApi) -> None:
    attaching.agent.extended = False
    cluster.pods = [pod("c-1", **CANARY, containers=[container(), container("more")])]
    for name in ("app", "more"):
        cluster.log("c-1", name, *["noise " * 20] * 2000)
    await settled(attaching)
    attached = fenced(parts(attaching.agent)[0]["text"]).attached
    sizes = [len(log.text.encode()) for log in attached.logs]
    assert TEXT_LOG_BYTES - 1000 < sum(sizes) <= TEXT_LOG_BYTES
    assert all(log.truncated for log in attached.logs)


async def test_the_older_dialect_gets_them_in_its_prompt(
    attaching: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[CanaryRequest] = []

    def record(request: CanaryRequest) -> dict[str, object]:
        asked.append(request)
        return {"prompt": question_text(request)}

    monkeypatch.setattr("rollouts_plugin_metric_ai.agents.older_question", record)
    attaching.stanza["protocol"] = "rest"
    attaching.agent.rest_status = 200
    await settled(attaching)
    assert "canary is ill" in fenced(question_text(asked[0])).attached.logs[0].text
