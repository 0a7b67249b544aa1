"""The example under Argo's own clients: Argo's code starts it, calls it and ends it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from go_programs import go_program

EXAMPLE = Path(__file__).parents[1] / "file_age.py"
NAME = "example/file-age"
SECONDS = 100
AT_ONCE = 200

Drive = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """The example as one executable file, for the Python that runs the tests."""
    source = EXAMPLE.read_text().split("\n", 1)[1]
    file = tmp_path / "file-age"
    file.write_text(f"#!{sys.executable}\n{source}")
    file.chmod(0o700)
    return file


@pytest.fixture
def watched(tmp_path: Path) -> Path:
    """A file that was written 100 s ago."""
    file = tmp_path / "heartbeat"
    file.touch()
    then = time.time() - 100
    os.utime(file, (then, then))
    return file


@pytest.fixture
def scenario(plugin: Path, watched: Path) -> dict[str, Any]:
    return {
        "plugin": str(plugin),
        "name": NAME,
        "via": "controller",
        "metric": {
            "name": "age",
            "successCondition": "result < 3600",
            "provider": {"plugin": {NAME: {"path": str(watched)}}},
        },
        "analysisRun": {
            "metadata": {"name": "run", "namespace": "prod", "uid": "u-1"},
            "spec": {"metrics": [], "args": [{"name": "token", "value": "hunter2"}]},
        },
    }


def drive(scenario: dict[str, Any], *steps: dict[str, Any] | str) -> list[dict[str, Any]]:
    calls = [{"call": step} if isinstance(step, str) else step for step in steps]
    done = subprocess.run(
        [go_program("argoclient")],
        input=json.dumps(scenario | {"steps": calls}),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert "hunter2" not in done.stderr, "an argument's value reached the log"
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(outcomes) == len(calls), done.stderr
    return outcomes


def results(outcomes: list[dict[str, Any]]) -> list[Any]:
    assert not [outcome for outcome in outcomes if "error" in outcome]
    return [outcome["results"][0] for outcome in outcomes]


@pytest.mark.conformance
@pytest.mark.parametrize("via", ["controller", "go-plugin"])
def test_all_seven_methods(scenario: dict[str, Any], via: str) -> None:
    outcomes = drive(
        scenario | {"via": via},
        "init",
        "type",
        "getMetadata",
        "run",
        "resume",
        "terminate",
        {"call": "garbageCollect", "limit": 10},
        "quit",
        "pids",
    )
    init, type_, metadata, run, resumed, terminated, collected, _, left = results(outcomes)
    assert (init, type_, metadata, collected, left) == ("", "FileAge", {}, "", [])
    assert run["phase"] == "Successful"
    assert run["startedAt"]
    assert run["finishedAt"]
    assert 100 <= float(run["value"]) < 100 + SECONDS
    assert resumed["phase"] == terminated["phase"] == "Error"
    assert resumed["message"].startswith("failed to resume via plugin: FileAge leaves no")
    assert terminated["message"].startswith("failed to terminate via plugin: FileAge leaves no")


@pytest.mark.conformance
@pytest.mark.parametrize(
    ("metric", "phase", "message"),
    [
        ({"successCondition": "result < 60"}, "Failed", None),
        ({"failureCondition": "result > 60"}, "Failed", None),
        (
            {"successCondition": "result < 1", "failureCondition": "result < 2"},
            "Inconclusive",
            None,
        ),
        (
            {"successCondition": "result <"},
            "Error",
            "successCondition: expected a value, found end of expression",
        ),
        ({"provider": {"plugin": {NAME: {"path": "/nowhere"}}}}, "Error", "there is no file"),
        ({"provider": {"plugin": {NAME: {}}}}, "Error", "KeyError: 'path'"),
    ],
    ids=["success", "failure", "both", "syntax", "no-file", "no-path"],
)
def test_conditions_and_faults(
    scenario: dict[str, Any], metric: dict[str, Any], phase: str, message: str | None
) -> None:
    scenario["metric"] = {"name": "age"} | scenario["metric"] | metric
    if "failureCondition" in metric and "successCondition" not in metric:
        del scenario["metric"]["successCondition"]
    (run,) = results(drive(scenario, "run"))
    assert run["phase"] == phase
    assert (message is None) == ("message" not in run)
    assert message is None or run["message"].startswith(
        f"failed to run via plugin: {_name(message)}"
    )


def _name(message: str) -> str:
    return f"ConditionError: {message}" if message.startswith("expected") else message


@pytest.mark.conformance
@pytest.mark.parametrize("via", ["controller", "go-plugin"])
def test_200_calls_at_once(scenario: dict[str, Any], via: str) -> None:
    (many, ping) = drive(scenario | {"via": via}, {"call": "run", "atOnce": AT_ONCE}, "ping")
    assert [run["phase"] for run in many["results"]] == ["Successful"] * AT_ONCE
    assert "error" not in many
    assert "error" not in ping


@pytest.mark.conformance
def test_after_a_kill_the_next_use_but_one_works(scenario: dict[str, Any]) -> None:
    before, killed, during, after = drive(scenario, "run", "kill", "run", "run")
    assert before["results"][0]["phase"] == "Successful"
    assert len(killed["results"][0]) == 1
    # The controller notices by its ping, cleans up and starts anew at the next reconcile.
    assert "could not ping plugin" in during["error"]
    assert after["results"][0]["phase"] == "Successful"


@pytest.mark.conformance
def test_it_ends_with_a_host_that_dies(
    scenario: dict[str, Any], until: Callable[[Callable[[], bool]], None]
) -> None:
    _, died = drive(scenario, "run", "die")
    (pid,) = died["results"][0]
    until(lambda: not Path(f"/proc/{pid}").exists())


def test_started_by_hand_it_says_what_it_is(plugin: Path) -> None:
    done = subprocess.run([plugin], capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 1
    assert "This program is a plugin" in done.stderr
    assert done.stdout == ""


def test_it_stays_short() -> None:
    lines = [line for line in EXAMPLE.read_text().splitlines() if line.strip()]
    assert len(lines) <= 30, f"the README promises thirty lines, there are {len(lines)}"
