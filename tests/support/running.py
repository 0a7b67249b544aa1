"""Real processes for tests of the whole: the agent, the plugin file, and logs for them to judge."""

import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from argo_rollouts_plugin.client import MetricProviderClient
from argo_rollouts_plugin.v1alpha1 import AnalysisRun, Measurement, Metric

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
PLUGIN = ROOT / "bin" / "metric-ai"
HALTING_AGENT = Path(__file__).with_name("halting_agent.py")
UID = "5f1c0e1e-7d0b-4f3e-9a55-0f5a7b7e9f10"
SECONDS = 60.0


def plugin_file() -> Path:
    """The plugin's executable; `make test` builds it."""
    if not PLUGIN.is_file():
        pytest.fail("bin/metric-ai is not there: run make plugin, or make test")
    return PLUGIN


def analysis_run(uid: str = UID, **status: object) -> dict[str, object]:
    """An AnalysisRun of the Rollout `shop` in the namespace `prod`, as Kubernetes JSON."""
    return {
        "metadata": {
            "name": "shop-6d9",
            "namespace": "prod",
            "uid": uid,
            "labels": {"rollouts-pod-template-hash": "abc"},
            "ownerReferences": [
                {
                    "apiVersion": "argoproj.io/v1alpha1",
                    "kind": "Rollout",
                    "name": "shop",
                    "uid": "r",
                    "controller": True,
                }
            ],
        },
        "spec": {"metrics": []},
        "status": {"phase": "Running", **status},
    }


def metric(agent_url: str, **stanza: object) -> dict[str, object]:
    """A metric of the plugin's, as Kubernetes JSON."""
    sides = {"stableLabel": "role=stable", "canaryLabel": "role=canary"}
    plugin = {"argoproj-labs/metric-ai": {"agentUrl": agent_url, **sides, **stanza}}
    return {"name": "ai-analysis", "provider": {"plugin": plugin}}


def typed(run: dict[str, object]) -> AnalysisRun:
    """The same run as the SDK's type."""
    return AnalysisRun.from_json(run)


def case(agent_url: str, **stanza: object) -> tuple[AnalysisRun, Metric]:
    """A run of its own with one metric that asks the agent, as the SDK's types."""
    run = typed(analysis_run(str(uuid.uuid4())))
    return run, Metric.from_json(metric(agent_url, **stanza))


def follow(
    plugin: MetricProviderClient, run: AnalysisRun, of: Metric, measurement: Measurement
) -> Measurement:
    """The finished measurement."""
    deadline = time.monotonic() + SECONDS
    while measurement.finished_at is None:
        assert time.monotonic() < deadline, measurement
        time.sleep(0.05)  # the agent works on the same cores
        measurement = plugin.resume(run, of, measurement)
    return measurement


def write_logs(folder: Path, *, canary_fails: bool, lines: int = 400) -> None:
    """Logs of one stable and one canary pod; a failing canary fails every fifth request."""
    began = datetime.now(UTC) - timedelta(seconds=lines / 4)
    for side in ("stable", "canary"):
        log = folder / side / f"{side}-pod" / "app.log"
        log.parent.mkdir(parents=True)
        bad = canary_fails and side == "canary"
        log.write_text("".join(_line(began, number, bad=bad) for number in range(lines)))


def _line(began: datetime, number: int, *, bad: bool) -> str:
    moment = (began + timedelta(seconds=number / 4)).isoformat(timespec="milliseconds")
    if bad and number % 5 == 0:
        return f"{moment} ERROR shop.db connection refused to db:5432 request=r-{number}\n"
    return f"{moment} INFO shop.access GET /cart status=200 duration_ms={20 + number % 7}\n"


class AgentProcess:
    """`canary-agent serve`, which can be killed and started again on the same port and state.

    Args:
        logs: the folder that it judges by.
        work: where its state and its own log lie.
        arguments: further ones of `serve`.
        program: what to run instead of `canary-agent`, with its first arguments.
    """

    def __init__(
        self, logs: Path, work: Path, *arguments: str, program: Sequence[str | Path] = ()
    ) -> None:
        self._program = program or [Path(sys.executable).with_name("canary-agent")]
        self._logs = logs
        self._work = work
        self._arguments = arguments
        self._port = "0"
        self.start()

    def start(self) -> None:
        """Starts it and waits until it listens."""
        state = self._work / "agent.sqlite"
        options: list[str | Path] = [
            "--logs",
            self._logs,
            "--port",
            self._port,
            "--state",
            state,
            *self._arguments,
        ]
        with (self._work / "agent.log").open("ab") as output:
            began = output.tell()
            self._process = subprocess.Popen(
                [*self._program, "serve", *options],
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

        def listening() -> re.Match[str] | None:
            assert self._process.poll() is None, self.log()
            return re.search(r"http://127\.0\.0\.1:([1-9]\d*)", self.log()[began:])

        self.url = (found := wait_for(listening))[0]
        self._port = found[1]

    def log(self) -> str:
        """All that it has printed."""
        return (self._work / "agent.log").read_text(errors="replace")

    def kill(self) -> None:
        """SIGKILL, to it and its workers."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM; SIGKILL where that is not enough."""
        try:
            self._end(signal.SIGTERM)
        except subprocess.TimeoutExpired:
            self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, number)
        self._process.wait(20)


@contextmanager
def running_agent(
    logs: Path, work: Path, *arguments: str, program: Sequence[str | Path] = ()
) -> Iterator[AgentProcess]:
    """An agent on the logs in `logs`, ended at the end; see `AgentProcess`."""
    process = AgentProcess(logs, work, *arguments, program=program)
    try:
        yield process
    finally:
        process.stop()


def wait_for(what: Callable[[], T | None]) -> T:
    """What `what` gives as soon as it gives something; fails after `SECONDS`."""
    deadline = time.monotonic() + SECONDS
    while not (found := what()):
        if time.monotonic() > deadline:
            pytest.fail(f"waited {SECONDS:g} s for {what.__name__}")
        time.sleep(0.02)
    return found
