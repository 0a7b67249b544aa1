"""Plugin and agent as real processes, killed in the middle of an analysis."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from running import AgentProcess, case, follow, plugin_file, running_agent, write_logs

from argo_rollouts_plugin.client import MetricProviderClient
from argo_rollouts_plugin.v1alpha1 import AnalysisPhase, Measurement

Start = Callable[[], MetricProviderClient]


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[AgentProcess]:
    write_logs(tmp_path / "logs", canary_fails=True, lines=4000)
    with running_agent(tmp_path / "logs", tmp_path) as process:
        yield process


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts plugins, and ends them all."""
    plugins = []

    def start_plugin() -> MetricProviderClient:
        plugin = MetricProviderClient([str(plugin_file())])
        plugins.append(plugin)
        plugin.start()
        return plugin

    yield start_plugin
    for plugin in plugins:
        plugin.kill(0)


def test_a_killed_agent_goes_on_after_its_restart(agent: AgentProcess, start: Start) -> None:
    plugin = start()
    run, of = case(agent.url)
    first = plugin.run(run, of)
    assert first.metadata["taskId"]
    agent.kill()
    away = plugin.resume(run, of, first)
    assert away.phase is AnalysisPhase.RUNNING
    agent.start()
    done = follow(plugin, run, of, away)
    assert done.phase is AnalysisPhase.FAILED
    assert done.metadata["taskId"] == first.metadata["taskId"]
    assert done.metadata["attempt"] == "1"


def test_another_plugin_process_takes_over(agent: AgentProcess, start: Start) -> None:
    run, of = case(agent.url)
    killed = start()
    first = killed.run(run, of)
    killed.kill(0)
    done = follow(start(), run, of, first)
    assert done.phase is AnalysisPhase.FAILED
    assert done.metadata["taskId"] == first.metadata["taskId"]


def test_a_run_whose_measurement_was_lost_finds_its_task_again(
    agent: AgentProcess, start: Start
) -> None:
    run, of = case(agent.url)
    killed = start()
    first = killed.run(run, of)
    killed.kill(0)
    plugin = start()
    second = plugin.run(run, of)
    done = follow(plugin, run, of, second)
    assert done.metadata["taskId"] == first.metadata["taskId"]


def test_an_agent_that_hangs_holds_neither_run_nor_ping(start: Start) -> None:
    plugin = start()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        cases = [case(url, timeout="10s") for _ in range(20)]
        started: list[Measurement] = []
        calls = [
            threading.Thread(target=lambda c=one: started.append(plugin.run(*c))) for one in cases
        ]
        for call in calls:
            call.start()
        plugin.ping(timeout=5)
        for call in calls:
            call.join(30)
        assert {measurement.phase for measurement in started} == {AnalysisPhase.RUNNING}
        run, of = cases[0]
        done = follow(plugin, run, of, plugin.run(run, of))
    assert done.phase is AnalysisPhase.ERROR
    assert "Kubernetes Agent health check failed: " in done.message


def test_the_log_at_debug_says_what_happened_and_no_token(
    agent: AgentProcess, tmp_path: Path
) -> None:
    token = "s3cr3t-t0ken"
    lines: list[str] = []
    run, of = case(agent.url, auth={"token": token}, minConfidence=10)
    with MetricProviderClient(
        [str(plugin_file())],
        env={"LOG_LEVEL": "debug", "TMPDIR": str(tmp_path)},
        on_log=lambda line: lines.append(repr(line)),
    ) as plugin:
        done = follow(plugin, run, of, plugin.run(run, of))
    text = "\n".join(lines)
    for said in (
        "Configuration",
        "Health check took",
        "Request",
        "SendMessage took",
        "GetTask took",
    ):
        assert said in text
    assert "Failed rollback" in text
    assert token not in text
    assert token not in json.dumps(dict(done.metadata)) + done.message
