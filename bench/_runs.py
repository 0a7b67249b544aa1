"""AnalysisRuns of a given size, made of what real ones are made of."""

import json
import uuid
from typing import Any

from argo_rollouts_plugin.rpc import RunArgs, write_args
from argo_rollouts_plugin.v1alpha1 import AnalysisRun, Metric
from goplugin.wire import gob

Document = dict[str, Any]

METRIC = "ai-analysis"
_MEASUREMENTS = 10  # the controller keeps no more of one metric
_STARTED = "2026-01-31T12:00:00Z"


def analysis_run(size: int) -> Document:
    """An AnalysisRun whose `RunArgs` take `size` bytes of our gob, without the definitions of types.

    It has as many metrics with ten measurements each as fit; an annotation fills up what is left.

    Args:
        size: bytes, 3,000 or more.
    """
    fitting, too_many = 0, size // 100
    while too_many - fitting > 1:
        middle = (fitting + too_many) // 2
        if gob_size(_run_of(middle)) > size - 100:
            too_many = middle
        else:
            fitting = middle
    run = _run_of(fitting)
    run["metadata"]["annotations"]["note"] = ""
    run["metadata"]["annotations"]["note"] = "n" * max(0, size - gob_size(run))
    return run


def with_uid(run: Document) -> Document:
    """The same run under a uid of its own."""
    return {**run, "metadata": {**run["metadata"], "uid": str(uuid.uuid4())}}


def metric(agent_url: str = "http://agent", seconds: float = 0.0) -> Document:
    """A metric of the plugin's, and how long `_agent.py` is to work on it."""
    stanza = {
        "agentUrl": agent_url,
        "stableLabel": "app=shop,role=stable",
        "canaryLabel": "app=shop,role=canary",
        "extraPrompt": str(seconds),
    }
    return {
        "name": METRIC,
        "interval": "5m",
        "successCondition": "result.promote && result.confidence >= 60",
        "provider": {"plugin": {"argoproj-labs/metric-ai": stanza}},
    }


def run_args(run: Document) -> gob.Interface:
    """What travels as the argument of Run."""
    args = RunArgs(analysis_run=AnalysisRun.from_json(run), metric=Metric.from_json(metric()))
    return write_args(args)


def gob_size(run: Document) -> int:
    """Bytes of the arguments of Run on a stream that knows the types."""
    encoder, args = gob.Encoder(), run_args(run)
    encoder.encode(gob.INTERFACE, args)
    return len(encoder.encode(gob.INTERFACE, args))


def _run_of(measurements: int) -> Document:
    run = _bare_run()
    for _ in range(measurements):
        _add_measurement(run)
    return run


def _bare_run() -> Document:
    fields = {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}, "f:spec": {".": {}}}
    return {
        "metadata": {
            "name": "shop-7d9c5b8f66-4-2",
            "namespace": "shop",
            "uid": "6f1c8a52-6a0e-4a4b-9d6e-0f3a52b1c001",
            "resourceVersion": "184467",
            "generation": 4,
            "creationTimestamp": _STARTED,
            "labels": {
                "app": "shop",
                "rollout-type": "Step",
                "rollouts-pod-template-hash": "7d9c5b8f66",
                "step-index": "2",
            },
            "annotations": {"rollout.argoproj.io/revision": "4"},
            "ownerReferences": [
                {
                    "apiVersion": "argoproj.io/v1alpha1",
                    "kind": "Rollout",
                    "name": "shop",
                    "uid": "0b0a6f9e-2a5c-4b7e-8f33-8f2f9be1a777",
                    "controller": True,
                    "blockOwnerDeletion": True,
                }
            ],
            "managedFields": [
                {
                    "manager": "rollouts-controller",
                    "operation": "Update",
                    "apiVersion": "argoproj.io/v1alpha1",
                    "time": _STARTED,
                    "fieldsType": "FieldsV1",
                    "fieldsV1": fields,
                }
            ],
        },
        "spec": {
            "metrics": [metric()],
            "args": [{"name": "service", "value": "shop-canary"}],
        },
        "status": {
            "phase": "Running",
            "startedAt": _STARTED,
            "metricResults": [{"name": METRIC, "phase": "Running", "measurements": []}],
        },
    }


def _add_measurement(run: Document) -> None:
    """One more of the last metric, or the first of another one."""
    results = run["status"]["metricResults"]
    if len(results[-1]["measurements"]) == _MEASUREMENTS:
        name = f"error-rate-{len(results)}"
        results.append({"name": name, "phase": "Successful", "measurements": []})
        run["spec"]["metrics"].append(_prometheus(name))
    result = results[-1]
    measurements = result["measurements"]
    measurements.append(
        {
            "phase": "Successful",
            "startedAt": f"2026-01-31T12:{len(measurements):02}:00Z",
            "finishedAt": f"2026-01-31T12:{len(measurements):02}:20Z",
            "value": "0.87",
            "message": "promote, confidence 87: no new error signature in 4,112 canary lines",
            "metadata": {
                "contextId": str(uuid.UUID(int=len(measurements))),
                "taskId": f"task-{len(measurements)}",
                "verdict": "promote",
                "confidence": "87",
            },
        }
    )
    result["count"] = result["successful"] = len(measurements)


def _prometheus(name: str) -> Document:
    query = f'sum(rate(http_requests_total{{app="shop",code=~"5..",metric="{name}"}}[1m]))'
    return {
        "name": name,
        "interval": "30s",
        "count": 10,
        "failureLimit": 2,
        "successCondition": "len(result) > 0 && result[0] < 0.05",
        "provider": {"prometheus": {"address": "http://prometheus:9090", "query": query}},
    }


def json_text(run: Document) -> str:
    """Run and metric as JSON: the same that `run_args` holds."""
    return json.dumps({"analysisRun": run, "metric": metric()})
