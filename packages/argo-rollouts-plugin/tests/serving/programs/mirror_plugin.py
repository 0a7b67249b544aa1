"""A provider that says whether what it was sent is what the stanza in the metric says."""

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from argo_rollouts_plugin import MetricProvider, serve
from argo_rollouts_plugin.v1alpha1 import AnalysisPhase, AnalysisRun, Measurement, Metric

NAME = "test/mirror"
STARTED = Measurement(
    phase=AnalysisPhase.RUNNING,
    message="wörking",
    started_at=datetime(2026, 1, 2, 3, 4, 5, 678901, UTC),
    value="0.5",
    metadata={"task": "t-1", "empty": ""},
    resume_at=datetime(2026, 1, 2, 3, 4, 6, 1, UTC),
)
log = logging.getLogger("mirror")


def same(analysis_run: AnalysisRun, metric: Metric) -> str:
    stanza: dict[str, Any] = json.loads(metric.provider.plugin[NAME])
    expected = AnalysisRun.from_json(stanza["run"])
    for part in ("type_meta", "metadata", "spec", "status"):
        found, wanted = getattr(analysis_run, part), getattr(expected, part)
        if found != wanted:
            return f"{part}: found {found}, expected {wanted}"
    stripped = replace(metric, provider=expected.spec.metrics[0].provider)
    return "same" if stripped == expected.spec.metrics[0] else f"metric: found {stripped}"


class Mirror(MetricProvider):
    def run(self, analysis_run: AnalysisRun, metric: Metric) -> Measurement:
        log.debug("at debug")
        log.info("at info")
        log.error("at error")
        return replace(STARTED, message=same(analysis_run, metric))

    async def resume(
        self, analysis_run: AnalysisRun, metric: Metric, measurement: Measurement
    ) -> Measurement:
        again = (
            "same"
            if replace(measurement, message=STARTED.message) == STARTED
            else repr(measurement)
        )
        said = (same(analysis_run, metric), measurement.message, again)
        return replace(
            measurement,
            phase=AnalysisPhase.SUCCESSFUL,
            message="" if set(said) == {"same"} else str(said),
            resume_at=None,
        )

    def terminate(
        self, analysis_run: AnalysisRun, metric: Metric, measurement: Measurement
    ) -> Measurement:
        return replace(measurement, phase=AnalysisPhase.FAILED, message=same(analysis_run, metric))

    def garbage_collect(self, analysis_run: AnalysisRun, metric: Metric, limit: int) -> None:
        raise RuntimeError(f"{same(analysis_run, metric)} {limit}")

    def type(self) -> str:
        return "Mirror"

    async def metadata(self, metric: Metric) -> dict[str, str]:
        return {"metric": metric.name, "error": "not all of it"}


if __name__ == "__main__":
    raise SystemExit(serve(Mirror))
