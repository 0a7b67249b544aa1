"""Pods and events as the Kubernetes API shows them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def pod(
    name: str,
    *,
    rollout: str = "shop",
    pod_hash: str = "5d8f",
    role: str = "stable",
    containers: Iterable[Json] = (),
    init: Iterable[Json] = (),
    status: Mapping[str, object] | None = None,
    namespace: str = "prod",
    started: datetime = NOW,
    **metadata: object,
) -> Json:
    """A pod of a Rollout's ReplicaSet; containers are made by `container`."""
    regular = list(containers) or [container()]
    first = list(init)
    return {
        "metadata": {
            "name": name,
            "namespace": namespace,
            "uid": f"uid-{name}",
            "labels": {"app": "shop", "role": role, "rollouts-pod-template-hash": pod_hash},
            "ownerReferences": [
                {"kind": "ReplicaSet", "name": f"{rollout}-{pod_hash}", "controller": True}
            ],
            **metadata,
        },
        "spec": {
            "containers": [one["spec"] for one in regular],
            "initContainers": [one["spec"] for one in first],
        },
        "status": {
            "phase": "Running",
            "startTime": _rfc3339(started),
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [one["status"] for one in regular],
            "initContainerStatuses": [one["status"] for one in first],
            **(status or {}),
        },
    }


def container(
    name: str = "app",
    *,
    restarts: int = 0,
    state: Json | None = None,
    last: Json | None = None,
    sidecar: bool = False,
) -> Json:
    """A container's specification and status."""
    return {
        "spec": {"name": name, **({"restartPolicy": "Always"} if sidecar else {})},
        "status": {
            "name": name,
            "restartCount": restarts,
            "ready": True,
            "state": state or {"running": {}},
            "lastState": last or {},
        },
    }


def terminated(code: int = 1, reason: str = "Error", finished: datetime = NOW) -> Json:
    """A terminated state."""
    return {
        "terminated": {"exitCode": code, "reason": reason, "finishedAt": _rfc3339(finished)},
    }


def event(about: str, reason: str, message: str, count: int = 1, **more: object) -> Json:
    """A core/v1 event about a pod."""
    return {
        "metadata": {"name": f"{about}.{reason}", "namespace": "prod"},
        "involvedObject": {"kind": "Pod", "name": about, "uid": f"uid-{about}"},
        "reason": reason,
        "message": message,
        "count": count,
        "lastTimestamp": _rfc3339(NOW),
        **more,
    }


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
