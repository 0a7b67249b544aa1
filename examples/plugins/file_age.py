#!/usr/bin/env python3
"""A metric for Argo Rollouts: how old a file is, in seconds."""

import json
import logging
import time
from pathlib import Path

from argo_rollouts_plugin import MetricProvider, ProviderError, serve
from argo_rollouts_plugin.conditions import evaluate
from argo_rollouts_plugin.v1alpha1 import AnalysisRun, Measurement, Metric

NAME = "example/file-age"
log = logging.getLogger(__name__)


class FileAge(MetricProvider):
    """Gives the seconds since a file was last written to the metric's conditions."""

    def run(self, analysis_run: AnalysisRun, metric: Metric) -> Measurement:
        """Measures once; there is nothing to resume."""
        path = Path(json.loads(metric.provider.plugin[NAME])["path"])
        if not path.is_file():
            raise ProviderError(f"there is no file {path}")
        age = max(0.0, time.time() - path.stat().st_mtime)
        log.info("run %s: %s is %.1f s old", analysis_run.metadata.name, path, age)
        phase = evaluate(age, metric.success_condition, metric.failure_condition)
        return Measurement(phase=phase, value=f"{age:.1f}")


if __name__ == "__main__":
    raise SystemExit(serve(FileAge))
