"""Plugin and agent as real processes, and one issue between them; the agent is killed on the way."""

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import github_api
import pytest
from github_api import TOKEN, GitHubServer
from running import AgentProcess, case, follow, running_agent, wait_for, write_logs

from argo_rollouts_plugin.client import MetricProviderClient
from argo_rollouts_plugin.v1alpha1 import AnalysisPhase, AnalysisRun, Measurement, Metric
from canary_verdict import Run
from canary_verdict.issue import issue_key, names_key

PLUGIN = [
    sys.executable,
    "-c",
    "import sys; from rollouts_plugin_metric_ai.cli import main; sys.exit(main())",
]


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    with github_api.serving() as server:
        yield server


@pytest.fixture
def plugin(github: GitHubServer, tmp_path: Path) -> Iterator[MetricProviderClient]:
    """A plugin that could open issues, too."""
    environment = {
        "GITHUB_TOKEN": TOKEN,
        "METRIC_AI_GITHUB_ALLOWED": f"{github.url}/acme",
        "METRIC_AI_JOURNAL": str(tmp_path / "journal"),
    }
    with MetricProviderClient(PLUGIN, env={**os.environ, **environment}) as client:
        yield client


@pytest.fixture
def agent(
    github: GitHubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AgentProcess]:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("CANARY_AGENT_GITHUB_ALLOWED", f"{github.url}/acme")
    write_logs(tmp_path / "logs", canary_fails=True, lines=4000)
    with running_agent(tmp_path / "logs", tmp_path) as process:
        yield process


def begun(agent: AgentProcess, github: GitHubServer) -> tuple[AnalysisRun, Metric]:
    return case(agent.url, githubUrl=f"{github.url}/acme/shop", remediation={"allowed": True})


def key_of(run: AnalysisRun, of: Metric) -> str:
    return issue_key(Run(run.metadata.uid, "", "", of.name))


def rolled_back(plugin: MetricProviderClient, run: AnalysisRun, of: Metric) -> Measurement:
    done = follow(plugin, run, of, plugin.run(run, of))
    assert done.phase is AnalysisPhase.FAILED
    return done


def test_where_remediation_is_allowed_the_agent_opens_the_one_issue(
    agent: AgentProcess, plugin: MetricProviderClient, github: GitHubServer
) -> None:
    run, of = begun(agent, github)
    done = rolled_back(plugin, run, of)
    assert done.metadata["issueLink"] == f"{github.url}/acme/shop/issues/1"
    (issue,) = github.issues["acme/shop"]
    assert names_key(issue["body"], key_of(run, of))
    assert "Opened by canary-agent" in issue["body"]
    assert TOKEN not in agent.log() + str(done)


def test_a_slow_github_holds_no_verdict_and_a_kill_makes_no_second_issue(
    agent: AgentProcess, plugin: MetricProviderClient, github: GitHubServer
) -> None:
    held = threading.Event()
    github.fail("POST .*/issues", 500, held=held, works=True, times=1)
    run, of = begun(agent, github)
    done = rolled_back(plugin, run, of)
    assert done.metadata["issueLink"] == f"{github.url}/acme/shop/issues?q={key_of(run, of)}"
    agent.kill()
    asked = len(github.asked)
    agent.start()

    def looked_for_again() -> bool:
        return len(github.asked) > asked and "/issues/1" in agent.log()

    wait_for(looked_for_again)
    held.set()
    assert len(github.issues["acme/shop"]) == 1
    assert len(github.calls("POST")) == 1
