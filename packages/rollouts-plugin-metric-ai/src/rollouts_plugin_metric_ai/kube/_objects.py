"""Pods as the API shows them, read into what the plugin asks of them.

Source: core/v1 Pod of the Kubernetes API reference. What is missing or of another type counts as absent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from canary_verdict.redaction import redact

from ._json import as_count, as_mapping, as_mappings, as_text, as_time

_MAX_TEXT = 253
_MAX_MESSAGE = 200
_MAX_CONTAINERS = 20


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a pod.

    Attributes:
        running_log: whether its log of now is to be read.
        previous_log: whether it has a terminated instance whose log is to be read.
    """

    name: str
    running_log: bool
    previous_log: bool


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod.

    Attributes:
        owner: its ReplicaSet's name, or empty.
        started: when the kubelet took it on.
        troubled: a container waits, has restarted or has failed, or the pod is not ready.
        status: what is attached of its status, in the API's own form.
    """

    name: str
    labels: Mapping[str, str]
    owner: str
    started: datetime | None
    deleting: bool
    troubled: bool
    containers: tuple[Container, ...]
    status: Mapping[str, object]


def read_pod(value: object) -> Pod | None:
    """One pod; None for an object without a name."""
    pod = as_mapping(value)
    metadata, status = as_mapping(pod.get("metadata")), as_mapping(pod.get("status"))
    name = as_text(metadata.get("name"))
    if not name:
        return None
    sidecars = {
        as_text(one.get("name"))
        for one in as_mappings(as_mapping(pod.get("spec")).get("initContainers"))
        if one.get("restartPolicy") == "Always"
    }
    return Pod(
        name=name,
        labels={key: as_text(label) for key, label in as_mapping(metadata.get("labels")).items()},
        owner=next(
            (
                as_text(owner.get("name"))
                for owner in as_mappings(metadata.get("ownerReferences"))
                if owner.get("kind") == "ReplicaSet"
            ),
            "",
        ),
        started=as_time(status.get("startTime")),
        deleting=bool(metadata.get("deletionTimestamp")),
        troubled=_is_troubled(status),
        containers=tuple(_containers(status, sidecars)),
        status=_shown(status),
    )


def _containers(status: Mapping[str, object], sidecars: set[str]) -> Iterator[Container]:
    for one in as_mappings(status.get("containerStatuses"))[:_MAX_CONTAINERS]:
        yield _container(one)
    for one in as_mappings(status.get("initContainerStatuses"))[:_MAX_CONTAINERS]:
        # One that has done its work wrote at the pod's start: canary's within the window, stable's
        # before it, so its lines would all look new.
        if as_text(one.get("name")) in sidecars or not _is_done(one):
            yield _container(one)


def _container(status: Mapping[str, object]) -> Container:
    state = as_mapping(status.get("state"))
    terminated_before = bool(as_mapping(as_mapping(status.get("lastState")).get("terminated")))
    return Container(
        name=as_text(status.get("name")),
        running_log="running" in state or "terminated" in state,
        previous_log=terminated_before or as_count(status.get("restartCount")) > 0,
    )


def _is_done(status: Mapping[str, object]) -> bool:
    terminated = as_mapping(as_mapping(status.get("state")).get("terminated"))
    return bool(terminated) and terminated.get("exitCode") == 0


def _is_troubled(status: Mapping[str, object]) -> bool:
    ready = any(
        condition.get("type") == "Ready" and condition.get("status") == "True"
        for condition in as_mappings(status.get("conditions"))
    )
    statuses = as_mappings(status.get("containerStatuses"))
    return not ready or any(
        "running" not in as_mapping(one.get("state")) or as_count(one.get("restartCount")) > 0
        for one in statuses
    )


def _shown(status: Mapping[str, object]) -> dict[str, object]:
    """The fields by which a pod's state is judged; free text is redacted, the rest left out."""
    shown: dict[str, object] = _texts(status, ("phase", "reason", "startTime"))
    shown["conditions"] = [
        _texts(condition, ("type", "status", "reason"))
        for condition in as_mappings(status.get("conditions"))[:_MAX_CONTAINERS]
    ]
    for name in ("containerStatuses", "initContainerStatuses"):
        if containers := as_mappings(status.get(name)):
            shown[name] = [_shown_container(one) for one in containers[:_MAX_CONTAINERS]]
    return shown


def _shown_container(container: Mapping[str, object]) -> dict[str, object]:
    shown: dict[str, object] = _texts(container, ("name",))
    shown["ready"] = container.get("ready") is True
    shown["restartCount"] = as_count(container.get("restartCount"))
    for name in ("state", "lastState"):
        if state := as_mapping(container.get(name)):
            shown[name] = {
                kind: _shown_state(as_mapping(state[kind]))
                for kind in ("waiting", "running", "terminated")
                if kind in state
            }
    return shown


def _shown_state(state: Mapping[str, object]) -> dict[str, object]:
    # A terminated state's message is left out: it is what the program wrote last, up to 4 KiB of it.
    shown: dict[str, object] = _texts(state, ("reason", "startedAt", "finishedAt"))
    if "exitCode" in state:
        shown["exitCode"] = state["exitCode"] if isinstance(state["exitCode"], int) else -1
    elif message := as_text(state.get("message")):
        shown["message"] = redact(message, _MAX_MESSAGE)
    return shown


def _texts(fields: Mapping[str, object], names: tuple[str, ...]) -> dict[str, object]:
    return {name: text[:_MAX_TEXT] for name in names if (text := as_text(fields.get(name)))}
