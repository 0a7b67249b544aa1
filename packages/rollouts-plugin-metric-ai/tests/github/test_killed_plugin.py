"""A plugin that is killed while GitHub is slow, and the next one, as real processes."""

import asyncio
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from github_api import TOKEN, GitHubServer
from issue_desk import until
from provider_world import ROLLBACK, UID
from running import analysis_run as run_document
from running import metric, typed
from scripted_agent import ScriptedAgent

from argo_rollouts_plugin.client import MetricProviderClient
from argo_rollouts_plugin.v1alpha1 import AnalysisPhase, Measurement, Metric

PLUGIN = [
    sys.executable,
    "-c",
    "import sys; from rollouts_plugin_metric_ai.cli import main; sys.exit(main())",
]


class Plugins:
    """Starts plugins, one after the other, with the same environment."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = {**os.environ, **environment}
        self.begun: list[MetricProviderClient] = []

    def start(self) -> MetricProviderClient:
        plugin = MetricProviderClient(PLUGIN, env=self._environment)
        self.begun.append(plugin)
        plugin.start()
        assert not plugin.init_plugin().error_string
        return plugin


@pytest.fixture
def plugins(github: GitHubServer, tmp_path: Path) -> Iterator[Plugins]:
    one = Plugins(
        {
            "GITHUB_TOKEN": TOKEN,
            "METRIC_AI_GITHUB_ALLOWED": f"{github.url}/acme",
            "METRIC_AI_JOURNAL": str(tmp_path / "journal"),
        }
    )
    yield one
    for plugin in one.begun:
        plugin.kill(0)


async def rolled_back(
    plugin: MetricProviderClient, agent: ScriptedAgent, repository: str
) -> Measurement:
    run = typed(run_document(UID))
    of = Metric.from_json(metric(agent.url, githubUrl=repository))
    first = await asyncio.to_thread(plugin.run, run, of)
    agent.finish("task-1", ROLLBACK)
    return await asyncio.to_thread(plugin.resume, run, of, first)


@pytest.mark.parametrize("works", [False, True], ids=["not opened", "opened"])
async def test_after_a_kill_the_next_plugin_makes_it_one_issue(
    agent: ScriptedAgent, github: GitHubServer, plugins: Plugins, tmp_path: Path, *, works: bool
) -> None:
    held = threading.Event()
    github.fail("POST .*/issues", 500, held=held, works=works, times=1)
    killed = await asyncio.to_thread(plugins.start)
    done = await rolled_back(killed, agent, f"{github.url}/acme/shop")
    assert done.phase is AnalysisPhase.FAILED
    assert done.metadata["issueSearch"]
    await asyncio.to_thread(killed.kill, 0)
    assert len(list((tmp_path / "journal").glob("*.json"))) == 1
    await asyncio.to_thread(plugins.start)
    await until(lambda: not list((tmp_path / "journal").glob("*.json")))
    held.set()
    assert len(github.issues["acme/shop"]) == 1
