"""The types and the seven calls under Argo's own clients: nothing is lost or bent on the way."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NAME = "test/mirror"
METRIC = {
    "name": "m",
    "interval": "30s",
    "initialDelay": "5s",
    "count": 3,
    "successCondition": "result > 1",
    "failureCondition": "result < 1",
    "failureLimit": "2",
    "inconclusiveLimit": 7,
    "consecutiveErrorLimit": 5,
    "consecutiveSuccessLimit": 4,
}
WHEN = "2026-01-02T03:04:05Z"
RUN: dict[str, Any] = {
    "kind": "AnalysisRun",
    "apiVersion": "argoproj.io/v1alpha1",
    "metadata": {
        "name": "shop-1",
        "generateName": "shop-",
        "namespace": "prod",
        "selfLink": "/x",
        "uid": "u-1",
        "resourceVersion": "17",
        "generation": 9_007_199_254_740_993,
        "creationTimestamp": WHEN,
        "deletionTimestamp": WHEN,
        "deletionGracePeriodSeconds": 30,
        "labels": {"rollouts-pod-template-hash": "7d9", "empty": ""},
        "annotations": {"a": "ü"},
        "ownerReferences": [
            {
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "Rollout",
                "name": "shop",
                "uid": "r-1",
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ],
        "finalizers": ["a", "b"],
    },
    "spec": {
        "metrics": [METRIC | {"provider": {}}],
        "args": [
            {"name": "a", "value": "v"},
            {"name": "b", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
            {"name": "c", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        ],
        "terminate": True,
        "dryRun": [{"metricName": ".*"}],
        "measurementRetention": [{"metricName": "m", "limit": 12}],
        "ttlStrategy": {
            "secondsAfterCompletion": 1,
            "secondsAfterFailure": 2,
            "secondsAfterSuccess": 3,
        },
    },
    "status": {
        "phase": "Running",
        "message": "so far",
        "startedAt": WHEN,
        "completedAt": WHEN,
        "runSummary": {"count": 5, "successful": 1, "failed": 2, "inconclusive": 3, "error": 4},
        "dryRunSummary": {"count": 1},
        "metricResults": [
            {
                "name": "m",
                "phase": "Inconclusive",
                "message": "so",
                "count": 1,
                "successful": 2,
                "failed": 3,
                "inconclusive": 4,
                "error": 5,
                "consecutiveError": 6,
                "dryRun": True,
                "metadata": {"k": "v"},
                "consecutiveSuccess": 8,
                "measurements": [
                    {
                        "phase": "Odd",
                        "message": "x",
                        "startedAt": WHEN,
                        "finishedAt": WHEN,
                        "value": "[1]",
                        "metadata": {"k": "v"},
                        "resumeAt": WHEN,
                    }
                ],
            }
        ],
    },
}
STEPS = ["init", "type", "getMetadata", "run", "resume", "terminate", "garbageCollect", "quit"]

Argo = Callable[[dict[str, Any]], tuple[list[dict[str, Any]], str]]


@pytest.fixture
def mirror(program: Callable[[str], Path], tmp_path: Path) -> Path:
    """The mirror as one executable file."""
    file = tmp_path / "mirror"
    file.write_text(f"#!{sys.executable}\n{program('mirror_plugin').read_text()}")
    file.chmod(0o700)
    return file


@pytest.mark.conformance
@pytest.mark.parametrize("via", ["controller", "go-plugin"])
def test_nothing_is_lost_or_bent_on_the_way(mirror: Path, argo: Argo, via: str) -> None:
    scenario = {
        "plugin": str(mirror),
        "name": NAME,
        "via": via,
        "metric": METRIC | {"provider": {"plugin": {NAME: {"run": RUN}}}},
        "analysisRun": RUN,
        "steps": [{"call": call, "limit": 7} for call in STEPS],
    }
    outcomes, log = argo(scenario)
    assert not [outcome for outcome in outcomes if "error" in outcome]
    init, type_, metadata, run, resumed, terminated, collected, _ = (
        outcome["results"][0] for outcome in outcomes
    )
    assert (init, type_) == ("", "Mirror")
    assert metadata == {"metric": "m", "error": "failed to get metadata via plugin: not all of it"}
    assert run == {
        "phase": "Running",
        "message": "same",
        "startedAt": WHEN,
        "value": "0.5",
        "metadata": {"task": "t-1", "empty": ""},
        "resumeAt": "2026-01-02T03:04:06Z",
    }
    assert resumed.pop("finishedAt") > WHEN
    assert resumed == {
        "phase": "Successful",
        "startedAt": WHEN,
        "value": "0.5",
        "metadata": {"task": "t-1", "empty": ""},
    }
    assert (terminated["phase"], terminated["message"]) == ("Failed", "same")
    assert collected == "RuntimeError: same 7"
    assert "[INFO]" in log
    assert "at info" in log
    assert "failed to exit gracefully" not in log
