"""Pods and events as the Kubernetes API shows them (core/v1), from what the demo's pods went through."""

from collections.abc import Mapping
from datetime import UTC, datetime

from .names import NAMESPACE, PodIdentity
from .pods import CONTAINER, Instance, Pod

__all__ = ["event_objects", "pod_object"]

_IMAGE = "shop"

_Object = dict[str, object]


def pod_object(pod: Pod, identity: PodIdentity) -> _Object:
    """The pod under the name and labels that it has in one Rollout."""
    ready = "True" if pod.running else "False"
    conditions = [{"type": kind, "status": ready} for kind in ("Ready", "ContainersReady")]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": identity.pod,
            "namespace": NAMESPACE,
            "labels": dict(identity.labels),
            "creationTimestamp": _time(pod.created_at),
            "ownerReferences": [
                {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": identity.replica_set}
                | {"controller": True}
            ],
        },
        "spec": {"containers": [{"name": CONTAINER, "image": f"{_IMAGE}:{pod.version}"}]},
        "status": {
            "phase": "Running",
            "startTime": _time(pod.created_at),
            "conditions": conditions,
            "containerStatuses": [_container_status(pod, identity)],
        },
    }


def event_objects(pod: Pod, identity: PodIdentity) -> list[_Object]:
    """The kubelet's events about the pod."""
    first = pod.instances[0].started_at
    often = {"count": len(pod.instances)}
    events = [
        _event(identity, "Created", f"Created container: {CONTAINER}", first) | often,
        _event(identity, "Started", f"Started container {CONTAINER}", first) | often,
    ]
    if _waits_to_restart(pod):
        text = f"Back-off restarting failed container {CONTAINER} in pod {identity.pod}"
        at = pod.instances[-1].finished_at or first
        events.append(_event(identity, "BackOff", text, at) | {"type": "Warning"})
    return events


def _container_status(pod: Pod, identity: PodIdentity) -> _Object:
    status: _Object = {
        "name": CONTAINER,
        "image": f"{_IMAGE}:{pod.version}",
        "ready": pod.running,
        "started": pod.running,
        "restartCount": pod.restarts,
        "state": _state(pod, identity),
        "lastState": {},
    }
    ended = [instance for instance in pod.instances if instance.finished_at is not None]
    if ended and (pod.running or _waits_to_restart(pod)):
        status["lastState"] = {"terminated": _terminated(ended[-1])}
    return status


def _state(pod: Pod, identity: PodIdentity) -> _Object:
    last = pod.instances[-1]
    if pod.running:
        return {"running": {"startedAt": _time(last.started_at)}}
    if _waits_to_restart(pod):
        where = f"{CONTAINER} pod={identity.pod}_{NAMESPACE}"
        message = f"back-off {pod.back_off:g}s restarting failed container={where}"
        return {"waiting": {"reason": "CrashLoopBackOff", "message": message}}
    return {"terminated": _terminated(last)}


def _waits_to_restart(pod: Pod) -> bool:
    return not pod.running and pod.restarts > 0


def _terminated(instance: Instance) -> Mapping[str, object]:
    code = instance.exit_code or 0
    return {
        # A runtime reports an end by a signal as 128 + its number.
        "exitCode": 128 - code if code < 0 else code,
        "reason": "Error" if code else "Completed",
        "startedAt": _time(instance.started_at),
        "finishedAt": _time(instance.finished_at or instance.started_at),
    }


def _event(identity: PodIdentity, reason: str, message: str, at: float) -> _Object:
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{identity.pod}.{reason.lower()}", "namespace": NAMESPACE},
        "involvedObject": {"kind": "Pod", "name": identity.pod, "namespace": NAMESPACE},
        "type": "Normal",
        "reason": reason,
        "message": message,
        "count": 1,
        "firstTimestamp": _time(at),
        "lastTimestamp": _time(at),
    }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
