"""The plugin file reads the cluster's logs for an agent that cannot."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from certificates import self_signed, server_context
from kubernetes_api import KubernetesApi, kubeconfig, serving
from kubernetes_objects import pod
from running import AgentProcess, case, follow, plugin_file, running_agent

from argo_rollouts_plugin.client import MetricProviderClient
from argo_rollouts_plugin.v1alpha1 import AnalysisPhase, Measurement

TOKEN = "t0ken-of-the-controller"


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentProcess]:
    """An agent without cluster, whose own folder of logs is empty."""
    folder = tmp_path_factory.mktemp("agent")
    (folder / "logs").mkdir()
    with running_agent(folder / "logs", folder) as process:
        yield process


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[KubernetesApi]:
    with serving(server_context(self_signed(tmp_path / "ca.pem"))) as api:
        api.tokens = {TOKEN}
        yield api


def judged(
    agent: AgentProcess, settings: Path, lines: list[str], cluster: KubernetesApi | None = None
) -> Measurement:
    """The measurement of a plugin that runs outside of a cluster; `lines` get its log at debug."""
    run, of = case(agent.url, attachLogs=True)
    if cluster is not None:
        cluster.analysis.create(run.metadata.name, run.metadata.uid, run.metadata.namespace)
    with MetricProviderClient(
        [str(plugin_file())],
        env={"LOG_LEVEL": "debug", "KUBECONFIG": str(settings)},
        on_log=lambda line: lines.append(repr(line)),
    ) as plugin:
        return follow(plugin, run, of, plugin.run(run, of))


@pytest.mark.parametrize(
    ("faulty", "phase"), [(True, AnalysisPhase.FAILED), (False, AnalysisPhase.SUCCESSFUL)]
)
def test_the_agent_judges_by_what_the_plugin_has_read(
    agent: AgentProcess,
    cluster: KubernetesApi,
    tmp_path: Path,
    phase: AnalysisPhase,
    *,
    faulty: bool,
) -> None:
    began = datetime.now(UTC) - timedelta(minutes=3)
    canary = pod("c-1", started=began, pod_hash="abc", role="canary")
    cluster.pods = [pod("s-1", started=began), canary]
    cluster.shop_log("s-1", began, faulty=False)
    cluster.shop_log("c-1", began, faulty=faulty)
    lines: list[str] = []
    trust = {"certificate-authority": "ca.pem"}
    settings = kubeconfig(tmp_path / "config.json", cluster, user={"token": TOKEN}, **trust)
    done = judged(agent, settings, lines, cluster)
    assert done.phase is phase, (done.metadata.get("coverage"), lines)
    assert '"lines":800' in done.metadata["coverage"]
    assert ("db:5432" in done.message) == faulty
    said = "\n".join(lines)
    assert "Logs are attached" in said
    assert TOKEN not in said
    # The agent's answer quotes a line; before it the log says what was fetched, and nothing of it.
    assert "connection refused" not in said.partition("SendMessage took")[0]


def test_a_kubeconfig_in_yaml_is_named_and_promotes_nothing(
    agent: AgentProcess, tmp_path: Path
) -> None:
    settings = tmp_path / "config"
    settings.write_text("apiVersion: v1\nkind: Config\n")
    done = judged(agent, settings, [])
    assert done.phase is AnalysisPhase.INCONCLUSIVE
    assert "expected a kubeconfig in JSON" in done.metadata["coverage"]
