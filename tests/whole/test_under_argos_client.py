"""The plugin file, loaded by Argo Rollouts' own client, asking the real agent."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from argo_client import Outcome, drive
from running import AgentProcess, analysis_run, metric, plugin_file, running_agent, write_logs

pytestmark = pytest.mark.conformance


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentProcess]:
    folder = tmp_path_factory.mktemp("agent")
    write_logs(folder / "logs", canary_fails=False)
    with running_agent(folder / "logs", folder) as process:
        yield process


@pytest.mark.parametrize("via", ["controller", "go-plugin"])
def test_all_seven_methods(agent: AgentProcess, via: str) -> None:
    calls = ("init", "type", "getMetadata", "follow", "terminate", "garbageCollect", "resume")
    outcomes = drive(
        plugin_file(),
        [{"call": call, "limit": 10} for call in calls],
        of=metric(agent.url),
        via=via,
    )
    init, type_, metadata, follow, terminate, collected, resumed = (
        outcome["results"][0] for outcome in outcomes
    )
    assert init == ""
    assert type_ == "MetricAI"
    assert metadata == {
        "agentUrl": agent.url,
        "stableLabel": "role=stable",
        "canaryLabel": "role=canary",
    }
    assert follow["phase"] == "Successful"
    assert follow["value"] == f"{float(follow['metadata']['confidence']) / 100:g}"
    assert follow["finishedAt"] >= follow["startedAt"]
    assert terminate["phase"] == "Inconclusive"
    assert collected == ""
    # The task is still known, and its verdict is the same.
    assert resumed["phase"] == "Successful"


def test_a_faulty_canary_fails_with_its_reason(tmp_path: Path) -> None:
    write_logs(tmp_path / "logs", canary_fails=True)
    with running_agent(tmp_path / "logs", tmp_path) as agent:
        (outcome,) = drive(plugin_file(), [{"call": "follow"}], of=metric(agent.url))
    (measurement,) = outcome["results"]
    assert measurement["phase"] == "Failed"
    assert measurement["value"] == "0"
    assert measurement["message"].startswith("rollback, ")
    assert "refuses connections" in measurement["message"]


def test_two_hundred_calls_at_once_are_one_task(agent: AgentProcess) -> None:
    outcomes = drive(
        plugin_file(),
        [{"call": "run", "atOnce": 200}, {"call": "follow"}, {"call": "type", "atOnce": 200}],
        of=metric(agent.url),
    )
    started = outcomes[0]["results"]
    assert {measurement["phase"] for measurement in started} <= {"Running", "Successful"}
    assert len({measurement["metadata"].get("taskId", "") for measurement in started} - {""}) == 1
    assert outcomes[1]["results"][0]["phase"] == "Successful"
    assert outcomes[2]["results"] == ["MetricAI"] * 200


def test_a_plugin_that_quits_is_started_again_and_goes_on(agent: AgentProcess) -> None:
    calls = ("run", "pids", "quit", "follow", "pids")
    outcomes = drive(plugin_file(), [{"call": call} for call in calls], of=metric(agent.url))
    goes_on_in_another_process(outcomes)


def test_a_killed_plugin_is_started_again_and_goes_on(agent: AgentProcess) -> None:
    # The controller notices a death at its next Ping, and starts the plugin at the use after that.
    calls = ("run", "pids", "kill", "type", "follow", "pids")
    outcomes = drive(
        plugin_file(),
        [{"call": call} for call in calls],
        of=metric(agent.url),
        failing=frozenset({3}),
    )
    assert "could not ping plugin" in outcomes[3]["error"]
    goes_on_in_another_process(outcomes)


def goes_on_in_another_process(outcomes: list[Outcome]) -> None:
    (run, pids, *_, follow, later_pids) = (outcome["results"][0] for outcome in outcomes)
    assert pids != later_pids
    assert follow["phase"] == "Successful"
    assert follow["metadata"]["taskId"] == run["metadata"]["taskId"]


def test_errors_carry_the_controller_s_prefix_and_the_readme_s_words(agent: AgentProcess) -> None:
    del agent
    (missing,) = drive(plugin_file(), [{"call": "run"}], of=metric(""))
    assert missing["results"][0]["message"].startswith(
        "failed to run via plugin: agentUrl is required in plugin configuration: "
    )
    (away,) = drive(plugin_file(), [{"call": "follow"}], of=metric("http://127.0.0.1:1"))
    assert "Kubernetes Agent health check failed: " in away["results"][0]["message"]


def test_an_analysis_run_of_a_megabyte_is_no_trouble(agent: AgentProcess) -> None:
    large = analysis_run(str(uuid.uuid4()))
    large["metadata"]["annotations"] = {f"note-{n}": "x" * 10_000 for n in range(100)}  # type: ignore[index]
    (outcome,) = drive(plugin_file(), [{"call": "follow"}], of=metric(agent.url), run=large)
    assert outcome["results"][0]["phase"] == "Successful"


def test_calls_before_init_are_answered(agent: AgentProcess) -> None:
    outcomes = drive(
        plugin_file(), [{"call": "follow"}, {"call": "init"}], of=metric(agent.url), via="go-plugin"
    )
    assert outcomes[0]["results"][0]["phase"] == "Successful"
