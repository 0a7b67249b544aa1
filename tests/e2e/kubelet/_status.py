"""A pod's status as core/v1 shows it."""

from collections.abc import Sequence

from kube import Json

from ._container import Container, Instance
from ._events import now

__all__ = ["pod_status"]

_CONDITIONS = (
    "PodReadyToStartContainers",
    "Initialized",
    "Ready",
    "ContainersReady",
    "PodScheduled",
)


def pod_status(
    pod: Json,
    address: tuple[str, str],
    first_run: Sequence[Container],
    containers: Sequence[Container],
    previous: Json,
) -> Json:
    """The whole status.

    Args:
        pod: as the API server has it.
        address: the pod's and the node's.
        first_run: init containers.
        containers: the others, in the order of the specification.
        previous: the last status; conditions keep the times of their last change.
    """
    phase = _phase(pod, containers)
    initialized = all(_succeeded(one) for one in first_run)
    ready = phase == "Running" and all(one.ready for one in containers)
    true = {
        "PodReadyToStartContainers": True,
        "PodScheduled": True,
        "Initialized": initialized,
        "Ready": ready,
        "ContainersReady": ready,
    }
    unready = [one.name for one in containers if not one.ready]
    ip, node = address
    images = {one["name"]: one.get("image", "") for one in _specs(pod)}
    return {
        "phase": phase,
        "conditions": [_condition(kind, true[kind], unready, previous) for kind in _CONDITIONS],
        "hostIP": node,
        "hostIPs": [{"ip": node}],
        "podIP": ip,
        "podIPs": [{"ip": ip}],
        "startTime": previous.get("startTime") or now(),
        "initContainerStatuses": [_container(one, images[one.name]) for one in first_run],
        "containerStatuses": [_container(one, images[one.name]) for one in containers],
    }


def _specs(pod: Json) -> list[Json]:
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]


def _phase(pod: Json, containers: Sequence[Container]) -> str:
    if all(one.waiting and not one.instances for one in containers):
        return "Pending"
    policy = pod["spec"].get("restartPolicy", "Always")
    if policy == "Always" or any(one.running or one.waiting for one in containers):
        return "Running"
    return "Succeeded" if all(_succeeded(one) for one in containers) else "Failed"


def _succeeded(container: Container) -> bool:
    last = container.instances[-1] if container.instances else None
    return bool(last and last.finished_at and last.exit_code == 0)


def _condition(kind: str, true: bool, unready: Sequence[str], previous: Json) -> Json:  # noqa: FBT001 - a status
    status = "True" if true else "False"
    found = {"type": kind, "status": status, "lastTransitionTime": now(), "lastProbeTime": None}
    if not true and kind in ("Ready", "ContainersReady"):
        text = f"containers with unready status: [{' '.join(unready)}]"
        found |= {"reason": "ContainersNotReady", "message": text}
    for old in previous.get("conditions", []):
        if (old["type"], old["status"]) == (kind, status):
            found["lastTransitionTime"] = old["lastTransitionTime"]
    return found


def _container(container: Container, image: str) -> Json:
    instances = container.instances
    current = instances[-1] if instances else None
    earlier = instances[:-1]
    status: Json = {
        "name": container.name,
        "image": image,
        "imageID": f"process://{image}" if current else "",
        "ready": container.ready,
        "started": container.running,
        "restartCount": container.restarts,
        "lastState": {},
    }
    if container.running and current:
        status["state"] = {"running": {"startedAt": current.started_at}}
    elif container.waiting:
        reason, message = container.waiting
        status["state"] = {
            "waiting": {"reason": reason} | ({"message": message} if message else {})
        }
        earlier = instances
    elif current:
        status["state"] = {"terminated": _terminated(container.name, current)}
    if earlier:
        status["lastState"] = {"terminated": _terminated(container.name, earlier[-1])}
    if current:
        status["containerID"] = _id(container.name, current)
    return status


def _terminated(name: str, instance: Instance) -> Json:
    return {
        "exitCode": instance.exit_code,
        "reason": instance.reason,
        "startedAt": instance.started_at,
        "finishedAt": instance.finished_at,
        "containerID": _id(name, instance),
    } | ({"message": instance.message} if instance.message else {})


def _id(name: str, instance: Instance) -> str:
    return f"process://{name}-{instance.number}"
