"""Argo Rollouts' own client, driving a plugin file step by step."""

import json
import subprocess
import uuid
from pathlib import Path
from typing import Any

from go_programs import go_program
from running import analysis_run

Outcome = dict[str, Any]


def drive(
    plugin: Path,
    steps: list[dict[str, Any]],
    *,
    of: dict[str, Any],
    run: dict[str, Any] | None = None,
    via: str = "controller",
    failing: frozenset[int] = frozenset(),
) -> list[Outcome]:
    """What each step gave, as Argo's client saw it.

    Args:
        plugin: the plugin's file.
        steps: calls in the form of tests/conformance/cmd/argoclient.
        of: the metric, as Kubernetes JSON.
        run: the AnalysisRun; by default one of its own.
        via: `controller`, as the controller loads plugins, or `go-plugin`.
        failing: the numbers of the steps that fail; all others must not.
    """
    scenario = {
        "plugin": str(plugin),
        "name": "argoproj-labs/metric-ai",
        "via": via,
        "metric": of,
        "analysisRun": run or analysis_run(str(uuid.uuid4())),
        "steps": steps,
    }
    done = subprocess.run(
        [go_program("argoclient")],
        input=json.dumps(scenario),
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    assert {n for n, outcome in enumerate(outcomes) if "error" in outcome} == failing, outcomes
    return outcomes
