"""Pods as the API shows them, read into what the plugin asks of them.

Source: core/v1 Pod of the Kubernetes API reference. What is missing or of another type counts as absent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from canary_verdict.redaction import redact

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
    pod = _mapping(value)
    metadata, status = _mapping(pod.get("metadata")), _mapping(pod.get("status"))
    name = _text(metadata.get("name"))
    if not name:
        return None
    sidecars = {
        _text(one.get("name"))
        for one in _mappings(_mapping(pod.get("spec")).get("initContainers"))
        if one.get("restartPolicy") == "Always"
    }
    return Pod(
        name=name,
        labels={key: _text(label) for key, label in _mapping(metadata.get("labels")).items()},
        owner=next(
            (
                _text(owner.get("name"))
                for owner in _mappings(metadata.get("ownerReferences"))
                if owner.get("kind") == "ReplicaSet"
            ),
            "",
        ),
        started=_time(status.get("startTime")),
        deleting=bool(metadata.get("deletionTimestamp")),
        troubled=_is_troubled(status),
        containers=tuple(_containers(status, sidecars)),
        status=_shown(status),
    )


def _containers(status: Mapping[str, object], sidecars: set[str]) -> Iterator[Container]:
    for one in _mappings(status.get("containerStatuses"))[:_MAX_CONTAINERS]:
        yield _container(one)
    for one in _mappings(status.get("initContainerStatuses"))[:_MAX_CONTAINERS]:
        # One that has done its work wrote at the pod's start: canary's within the window, stable's
        # before it, so its lines would all look new.
        if _text(one.get("name")) in sidecars or not _is_done(one):
            yield _container(one)


def _container(status: Mapping[str, object]) -> Container:
    state = _mapping(status.get("state"))
    terminated_before = bool(_mapping(_mapping(status.get("lastState")).get("terminated")))
    return Container(
        name=_text(status.get("name")),
        running_log="running" in state or "terminated" in state,
        previous_log=terminated_before or _count(status.get("restartCount")) > 0,
    )


def _is_done(status: Mapping[str, object]) -> bool:
    terminated = _mapping(_mapping(status.get("state")).get("terminated"))
    return bool(terminated) and terminated.get("exitCode") == 0


def _is_troubled(status: Mapping[str, object]) -> bool:
    ready = any(
        condition.get("type") == "Ready" and condition.get("status") == "True"
        for condition in _mappings(status.get("conditions"))
    )
    statuses = _mappings(status.get("containerStatuses"))
    return not ready or any(
        "running" not in _mapping(one.get("state")) or _count(one.get("restartCount")) > 0
        for one in statuses
    )


def _shown(status: Mapping[str, object]) -> dict[str, object]:
    """The fields by which a pod's state is judged; free text is redacted, the rest left out."""
    shown: dict[str, object] = _texts(status, ("phase", "reason", "startTime"))
    shown["conditions"] = [
        _texts(condition, ("type", "status", "reason"))
        for condition in _mappings(status.get("conditions"))[:_MAX_CONTAINERS]
    ]
    for name in ("containerStatuses", "initContainerStatuses"):
        if containers := _mappings(status.get(name)):
            shown[name] = [_shown_container(one) for one in containers[:_MAX_CONTAINERS]]
    return shown


def _shown_container(container: Mapping[str, object]) -> dict[str, object]:
    shown: dict[str, object] = _texts(container, ("name",))
    shown["ready"] = container.get("ready") is True
    shown["restartCount"] = _count(container.get("restartCount"))
    for name in ("state", "lastState"):
        if state := _mapping(container.get(name)):
            shown[name] = {
                kind: _shown_state(_mapping(state[kind]))
                for kind in ("waiting", "running", "terminated")
                if kind in state
            }
    return shown


def _shown_state(state: Mapping[str, object]) -> dict[str, object]:
    # A terminated state's message is left out: it is what the program wrote last, up to 4 KiB of it.
    shown: dict[str, object] = _texts(state, ("reason", "startedAt", "finishedAt"))
    if "exitCode" in state:
        shown["exitCode"] = state["exitCode"] if isinstance(state["exitCode"], int) else -1
    elif message := _text(state.get("message")):
        shown["message"] = redact(message, _MAX_MESSAGE)
    return shown


def _texts(fields: Mapping[str, object], names: tuple[str, ...]) -> dict[str, object]:
    return {name: text[:_MAX_TEXT] for name in names if (text := _text(fields.get(name)))}


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _mappings(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _time(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_text(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
