"""The plugin with attachLogs and the agent itself, which has no logs of its own."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from kubernetes_api import KubernetesApi, kubeconfig
from kubernetes_objects import pod
from provider_world import World
from running import AgentProcess, running_agent
from scripted_agent import ScriptedAgent

from argo_rollouts_plugin.v1alpha1 import AnalysisPhase, Measurement
from rollouts_plugin_metric_ai.a2a_client import AgentClient
from rollouts_plugin_metric_ai.kube import KubeApi, find_access
from rollouts_plugin_metric_ai.provider import MetricAiProvider

CANARY: dict[str, Any] = {"pod_hash": "abc", "role": "canary"}


@pytest.fixture
def agent_process(tmp_path: Path) -> Iterator[AgentProcess]:
    logs = tmp_path / "logs"
    logs.mkdir()
    with running_agent(logs, tmp_path) as process:
        yield process


async def judged(agent: AgentProcess, cluster: KubernetesApi, folder: Path) -> Measurement:
    """The measurement that a run with attachLogs ends with."""
    kube = KubeApi(partial(find_access, {"KUBECONFIG": str(kubeconfig(folder / "c", cluster))}))
    async with AgentClient(user_agent="test") as client, asyncio.timeout(60):
        world = World(ScriptedAgent(url=agent.url), client)
        world.provider = MetricAiProvider(client, world.operator, kube=kube)
        world.stanza["attachLogs"] = True
        measurement = await world.run()
        while not measurement.finished_at:
            await asyncio.sleep(0.05)  # the agent works in another process
            measurement = await world.resume(measurement)
    await kube.aclose()
    return measurement


@pytest.mark.parametrize(
    ("faulty", "phase"), [(True, AnalysisPhase.FAILED), (False, AnalysisPhase.SUCCESSFUL)]
)
async def test_the_agent_judges_by_what_the_plugin_has_read(
    agent_process: AgentProcess,
    cluster: KubernetesApi,
    tmp_path: Path,
    phase: AnalysisPhase,
    *,
    faulty: bool,
) -> None:
    begin = datetime.now(UTC) - timedelta(minutes=3)
    cluster.pods = [pod("s-1", started=begin), pod("c-1", started=begin, **CANARY)]
    cluster.shop_log("s-1", begin, faulty=False)
    cluster.shop_log("c-1", begin, faulty=faulty)
    measurement = await judged(agent_process, cluster, tmp_path)
    assert measurement.phase is phase, measurement.message
    assert '"lines":800' in measurement.metadata["coverage"]
    if faulty:
        assert "db:5432" in measurement.message


async def test_without_rights_the_agent_has_nothing_to_judge_by(
    agent_process: AgentProcess, cluster: KubernetesApi, tmp_path: Path
) -> None:
    cluster.refuse("/pods", 403, "no", reason="Forbidden")
    measurement = await judged(agent_process, cluster, tmp_path)
    assert measurement.phase is AnalysisPhase.INCONCLUSIVE
    assert "needs list on pods" in measurement.metadata["coverage"]
