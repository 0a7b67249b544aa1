"""What a recorded pod went through, in the form of Kubernetes' Pod and Event objects.

The recorder looked after its instances as a kubelet does (restarts with back-off, probes, a memory limit);
this puts what really happened into the API's words. Source: core/v1 of the Kubernetes API reference.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ._recordings import RecordedPod

_CRASH_LOOP_FROM = 2


@dataclass(frozen=True, slots=True)
class PodName:
    """Whose pod it is, and how it is called in a case."""

    program: str
    side: str
    template_hash: str
    name: str


def pod_object(pod: RecordedPod, name: PodName) -> dict[str, Any]:
    """The Pod as `kubectl get pod -o json` would show it, in what matters."""
    ready = bool(pod.facts["ready"])
    started = _time(pod.facts["startedAt"])
    return {
        "metadata": {
            "name": name.name,
            "namespace": "shop",
            "labels": {
                "app": name.program,
                "role": name.side,
                "rollouts-pod-template-hash": name.template_hash,
            },
            "ownerReferences": [
                {"kind": "ReplicaSet", "name": f"{name.program}-{name.template_hash}"}
            ],
        },
        "status": {
            "phase": "Running",
            "startTime": started,
            "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
            "containerStatuses": [
                {
                    "name": "app",
                    "image": f"shop/{name.program}:{name.template_hash}",
                    "ready": ready,
                    "restartCount": max(0, len(pod.ends) - (0 if pod.facts["running"] else 1)),
                    **_states(pod, started),
                }
            ],
        },
    }


def _states(pod: RecordedPod, started: str) -> dict[str, Any]:
    ends = [_terminated(end) for end in pod.ends]
    if pod.facts["running"]:
        at = pod.ends[-1]["at"] if pod.ends else None
        now = {"running": {"startedAt": _time(at) if at else started}}
        return {"state": now, "lastState": ends[-1] if ends else {}}
    if len(ends) >= _CRASH_LOOP_FROM:
        message = "back-off 20s restarting failed container=app"
        waiting = {"reason": "CrashLoopBackOff", "message": message}
        return {"state": {"waiting": waiting}, "lastState": ends[-1]}
    return {"state": ends[-1] if ends else {}, "lastState": {}}


def _terminated(end: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "terminated": {
            "reason": end["reason"],
            "exitCode": end["exitCode"],
            "finishedAt": _time(end["at"]),
        }
    }


def event_objects(pod: RecordedPod, name: PodName) -> Iterator[dict[str, Any]]:
    """The events that a kubelet writes about such a pod."""

    def event(reason: str, message: str, count: int = 1, kind: str = "Normal") -> dict[str, Any]:
        about = {"kind": "Pod", "name": name.name, "namespace": "shop"}
        return {
            "involvedObject": about,
            "type": kind,
            "reason": reason,
            "message": message,
            "count": count,
        }

    yield event("Started", "Started container app", 1 + len(pod.ends))
    own = [end for end in pod.ends if end["reason"] != "Unknown"]
    if len(own) < len(pod.ends):
        yield event("NodeNotReady", "Node is not ready", kind="Warning")
    if own:
        message = f"Back-off restarting failed container app in pod {name.name}"
        yield event("BackOff", message, len(own), "Warning")
    failures = int(pod.facts["probeFailures"])
    if failures:
        message = (
            'Liveness probe failed: Get "http://10.12.0.7:8080/healthz": context deadline exceeded'
        )
        yield event("Unhealthy", message, failures, "Warning")
    elif pod.facts["running"] and not pod.facts["ready"]:
        message = "Readiness probe failed: dial tcp 10.12.0.7:8080: connect: connection refused"
        yield event("Unhealthy", message, 5, "Warning")


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
