"""The plugin is asked as the controller asks it."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from canary_demo.controller import PLUGIN_NAME, Analysis, analysis_run, measure, measure_all
from canary_demo.report import NO_ANSWER

from argo_rollouts_plugin.rpc import RpcError
from argo_rollouts_plugin.v1alpha1 import AnalysisPhase, AnalysisRun, Measurement, Metric

STARTED = datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)


class Plugin:
    """Answers `script` one call after the other, and remembers what it was asked."""

    def __init__(self, *script: Measurement | Exception) -> None:
        self.script = list(script)
        self.resumed: list[Measurement] = []
        self.collected = 0

    def run(self, analysis_run: AnalysisRun, metric: Metric) -> Measurement:
        return self._next()

    def resume(
        self, analysis_run: AnalysisRun, metric: Metric, measurement: Measurement
    ) -> Measurement:
        self.resumed.append(measurement)
        return self._next()

    def garbage_collect(self, analysis_run: AnalysisRun, metric: Metric, limit: int) -> RpcError:
        self.collected += 1
        return RpcError()

    def _next(self) -> Measurement:
        answer = self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def running(resume_at: datetime | None = None) -> Measurement:
    return Measurement(
        phase=AnalysisPhase.RUNNING,
        started_at=STARTED,
        resume_at=resume_at,
        metadata={"task": "t-1"},
    )


def finished(phase: AnalysisPhase, **metadata: str) -> Measurement:
    return Measurement(
        phase=phase, message="why", started_at=STARTED, finished_at=STARTED, metadata=metadata
    )


def a_run(row: str = "slow") -> AnalysisRun:
    return analysis_run(Analysis(row, "slow", "http://127.0.0.1:1"), STARTED)


def test_a_run_is_what_the_controller_would_make() -> None:
    run = a_run()
    (metric,) = run.spec.metrics
    stanza = json.loads(metric.provider.plugin[PLUGIN_NAME])
    assert stanza["agentUrl"] == "http://127.0.0.1:1"
    assert run.metadata.namespace == "shop"
    assert [(owner.kind, owner.name) for owner in run.metadata.owner_references] == [
        ("Rollout", "shop-slow")
    ]
    assert run.metadata.labels["rollouts-pod-template-hash"] in run.metadata.name
    assert a_run("slow").metadata.uid != a_run("dead agent").metadata.uid


def test_resumes_with_what_the_api_server_would_have_kept() -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    plugin = Plugin(running(past), running(), finished(AnalysisPhase.SUCCESSFUL))
    measurement = measure(plugin, a_run(), threading.Event(), 20)
    assert measurement.phase is AnalysisPhase.SUCCESSFUL
    assert [resumed.resume_at for resumed in plugin.resumed] == [past.replace(microsecond=0), None]
    assert all(resumed.metadata == {"task": "t-1"} for resumed in plugin.resumed)
    assert all(resumed.started_at == STARTED.replace(microsecond=0) for resumed in plugin.resumed)
    assert plugin.collected == 1


def test_a_measurement_that_never_ends_has_a_deadline() -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    with pytest.raises(TimeoutError, match=r"still Running after 0\.01 s"):
        measure(Plugin(running(later)), a_run(), threading.Event(), 0.01)


def test_the_end_of_the_demo_ends_a_wait() -> None:
    stop = threading.Event()
    stop.set()
    later = datetime.now(UTC) + timedelta(hours=1)
    with pytest.raises(TimeoutError, match="was ended"):
        measure(Plugin(running(later)), a_run(), stop, 3600)


@pytest.mark.parametrize(
    ("plugin", "phase", "cause"),
    [
        (lambda: Plugin(finished(AnalysisPhase.FAILED, rootCause="db")), "Failed", "db"),
        (lambda: Plugin(finished(AnalysisPhase.ERROR)), "Error", "why"),
        (lambda: Plugin(finished(AnalysisPhase.SUCCESSFUL)), "Successful", ""),
        (lambda: Plugin(OSError("gone")), NO_ANSWER, "OSError: gone"),
        (lambda: Plugin(running(), OSError("gone")), NO_ANSWER, "OSError: gone"),
    ],
)
def test_every_end_becomes_a_row(plugin: Callable[[], Plugin], phase: str, cause: str) -> None:
    analyses = [Analysis("slow", "slow", "http://127.0.0.1:1")]
    row = measure_all(plugin(), analyses, threading.Event(), 20)["slow"].result(20)
    assert (row.canary, row.phase, row.root_cause) == ("slow", phase, cause)
