"""Asks the plugin about canaries as the Argo Rollouts controller would.

Source: argo-rollouts v1.9.1, analysis/analysis.go (`reconcileAnalysisRun`, `runMeasurements`): Run
once, then Resume at ResumeAt until the measurement has finished. The controller tries an Error again
after 10 s; the demo does not.
"""

import json
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from uuid import NAMESPACE_URL, uuid5

from argo_rollouts_plugin.client import as_stored
from argo_rollouts_plugin.rpc import RpcError
from argo_rollouts_plugin.v1alpha1 import (
    AnalysisPhase,
    AnalysisRun,
    AnalysisRunSpec,
    Measurement,
    Metric,
    MetricProvider,
    ObjectMeta,
    OwnerReference,
)

from .names import HASH_LABEL, NAMESPACE, identity_of, rollout_name
from .report import NO_ANSWER, Row

__all__ = ["PLUGIN_NAME", "Analysis", "Plugin", "analysis_run", "measure", "measure_all"]

PLUGIN_NAME = "argoproj-labs/metric-ai"
_METRIC = "ai-analysis"
_SOONEST_RESUME = 0.05
_KEPT_MEASUREMENTS = 10  # the controller's default
_PREFIXES = ("failed to run via plugin: ", "failed to resume via plugin: ")


class Plugin(Protocol):
    """The calls of `argo_rollouts_plugin.MetricProviderClient` that a measurement needs."""

    def run(self, analysis_run: AnalysisRun, metric: Metric) -> Measurement:
        """`Plugin.Run`."""

    def resume(
        self, analysis_run: AnalysisRun, metric: Metric, measurement: Measurement
    ) -> Measurement:
        """`Plugin.Resume`."""

    def garbage_collect(self, analysis_run: AnalysisRun, metric: Metric, limit: int) -> RpcError:
        """`Plugin.GarbageCollect`."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """One AnalysisRun to come: a row of the table, the canary it looks at, and its agent."""

    row: str
    canary: str
    agent_url: str


def analysis_run(analysis: Analysis, started: datetime) -> AnalysisRun:
    """The AnalysisRun that the controller would make for a canary step of its Rollout."""
    rollout = rollout_name(analysis.canary)
    identity = identity_of(analysis.canary, "canary")
    stanza = {
        "agentUrl": analysis.agent_url,
        "stableLabel": "role=stable",
        "canaryLabel": "role=canary",
        "extraPrompt": "A web shop. New recommendation lines are expected.",
        "timeout": "2m",
    }
    provider = MetricProvider(plugin={PLUGIN_NAME: json.dumps(stanza).encode()})
    owner = OwnerReference(
        api_version="argoproj.io/v1alpha1",
        kind="Rollout",
        name=rollout,
        uid=str(uuid5(NAMESPACE_URL, f"{NAMESPACE}/{rollout}")),
        controller=True,
    )
    return AnalysisRun(
        metadata=ObjectMeta(
            name=f"{rollout}-{identity.template_hash}-2-1",
            namespace=NAMESPACE,
            uid=str(uuid5(NAMESPACE_URL, f"{analysis.row} {started.isoformat()}")),
            creation_timestamp=started,
            labels={HASH_LABEL: identity.template_hash},
            owner_references=(owner,),
        ),
        spec=AnalysisRunSpec(metrics=(Metric(name=_METRIC, provider=provider),)),
    )


def measure(plugin: Plugin, run: AnalysisRun, stop: threading.Event, seconds: float) -> Measurement:
    """Runs and resumes until the measurement has finished.

    Raises:
        TimeoutError: it has not after `seconds`, or `stop` was set.
        RuntimeError: GarbageCollect failed.
    """
    metric = run.spec.metrics[0]
    deadline = time.monotonic() + seconds
    measurement = as_stored(plugin.run(run, metric))
    while measurement.finished_at is None:
        wait = _SOONEST_RESUME
        if measurement.resume_at is not None:
            wait = max(wait, (measurement.resume_at - datetime.now(UTC)).total_seconds())
        if stop.wait(min(wait, max(0.0, deadline - time.monotonic()))):
            raise TimeoutError("the demo was ended")
        if time.monotonic() >= deadline:
            raise TimeoutError(f"still {measurement.phase.value} after {seconds:g} s")
        measurement = as_stored(plugin.resume(run, metric, measurement))
    failure = plugin.garbage_collect(run, metric, _KEPT_MEASUREMENTS).error_string
    if failure:
        raise RuntimeError(f"GarbageCollect failed: {failure}")
    return measurement


def measure_all(
    plugin: Plugin, analyses: Sequence[Analysis], stop: threading.Event, seconds: float
) -> dict[str, Future[Row]]:
    """Starts all analyses at once; gives the row of each, by its name, when it is there."""
    started = datetime.now(UTC)
    pool = ThreadPoolExecutor(max_workers=max(1, len(analyses)), thread_name_prefix="analysis")
    rows = {
        analysis.row: pool.submit(
            _row, plugin, analysis.row, analysis_run(analysis, started), stop, seconds
        )
        for analysis in analyses
    }
    pool.shutdown(wait=False)
    return rows


def _row(plugin: Plugin, name: str, run: AnalysisRun, stop: threading.Event, seconds: float) -> Row:
    began = time.monotonic()
    try:
        measurement = measure(plugin, run, stop, seconds)
    except Exception as error:  # noqa: BLE001  # whatever the plugin did, the other rows go on
        text = f"{type(error).__name__}: {error}"
        return Row(name, NO_ANSWER, root_cause=text, seconds=time.monotonic() - began)
    return _row_of(name, measurement, time.monotonic() - began)


def _row_of(name: str, measurement: Measurement, seconds: float) -> Row:
    metadata: Mapping[str, str] = measurement.metadata
    cause = metadata.get("rootCause", "")
    if not cause and measurement.phase is not AnalysisPhase.SUCCESSFUL:
        cause = measurement.message
        for prefix in _PREFIXES:
            cause = cause.removeprefix(prefix)
    return Row(
        canary=name,
        phase=measurement.phase.value,
        confidence=metadata.get("confidence", ""),
        root_cause=cause,
        seconds=seconds,
        evidence=metadata.get("evidence", ""),
    )
