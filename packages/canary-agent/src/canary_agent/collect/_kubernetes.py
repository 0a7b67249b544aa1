"""Kubernetes API objects, as plain JSON, read into what the evidence asks of them.

Source: the core/v1 Pod and Event and events.k8s.io/v1 Event of the Kubernetes API reference. Objects
come from a cluster or a file, so any field may be missing or of the wrong type; what cannot be read
counts as absent.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from ._model import ContainerStatus, PodEvent, PodStatus, Termination

_MAX_MESSAGE = 1000
_MAX_IMAGE = 1024


def read_pod(value: object) -> PodStatus | None:
    """One pod, or None when the object has no name."""
    pod = _mapping(value)
    metadata, status = _mapping(pod.get("metadata")), _mapping(pod.get("status"))
    name = _text(metadata.get("name"))
    if not name:
        return None
    conditions = {
        _text(condition.get("type")): _text(condition.get("status"))
        for condition in _mappings(status.get("conditions"))
    }
    labels = _mapping(metadata.get("labels"))
    return PodStatus(
        name=name,
        labels=tuple(sorted((key, _text(label)) for key, label in labels.items())),
        owner=_owner(metadata),
        phase=_text(status.get("phase")),
        reason=_text(status.get("reason")),
        ready=conditions.get("Ready") == "True",
        disrupted=conditions.get("DisruptionTarget") == "True",
        deleting=bool(metadata.get("deletionTimestamp")),
        started_at=_time(status.get("startTime")),
        containers=tuple(_containers(status, _images(_mapping(pod.get("spec"))))),
    )


def read_event(value: object) -> PodEvent | None:
    """One event about a pod, or None when it is about something else."""
    event = _mapping(value)
    about = _mapping(event.get("involvedObject") or event.get("regarding"))
    if _text(about.get("kind")) not in {"Pod", ""} or not _text(about.get("name")):
        return None
    series = _mapping(event.get("series"))
    counts = (event.get("count"), series.get("count"), event.get("deprecatedCount"))
    return PodEvent(
        pod=_text(about.get("name")),
        reason=_text(event.get("reason")),
        message=_text(event.get("message") or event.get("note"))[:_MAX_MESSAGE],
        count=max(1, *(_number(count) for count in counts)),
        seen_at=_last_seen(event, series),
    )


def _last_seen(event: Mapping[str, object], series: Mapping[str, object]) -> datetime | None:
    times = (series.get("lastObservedTime"), event.get("lastTimestamp"), event.get("eventTime"))
    return next((seen for time in times if (seen := _time(time)) is not None), None)


def _owner(metadata: Mapping[str, object]) -> str:
    for reference in _mappings(metadata.get("ownerReferences")):
        if _text(reference.get("kind")) == "ReplicaSet":
            return _text(reference.get("name"))
    return ""


def _images(spec: Mapping[str, object]) -> dict[str, str]:
    """Of each container; what its status names is another form of it, with the registry's name."""
    listed = [*_mappings(spec.get("initContainers")), *_mappings(spec.get("containers"))]
    return {_text(one.get("name")): _text(one.get("image"))[:_MAX_IMAGE] for one in listed}


def _containers(
    status: Mapping[str, object], images: Mapping[str, str]
) -> Iterator[ContainerStatus]:
    for container in _mappings(status.get("initContainerStatuses")):
        # Init containers may fail while they wait for something: only their state of now counts.
        yield _container({**container, "lastState": {}, "restartCount": 0}, images)
    for container in _mappings(status.get("containerStatuses")):
        yield _container(container, images)


def _container(container: Mapping[str, object], images: Mapping[str, str]) -> ContainerStatus:
    state, last = _mapping(container.get("state")), _mapping(container.get("lastState"))
    waiting = _mapping(state.get("waiting"))
    terminations = tuple(
        _termination(_mapping(one["terminated"])) for one in (state, last) if "terminated" in one
    )
    restarts = _number(container.get("restartCount"))
    return ContainerStatus(
        name=_text(container.get("name")),
        waiting=_text(waiting.get("reason")),
        waiting_message=_text(waiting.get("message"))[:_MAX_MESSAGE],
        restarts=restarts,
        ready=container.get("ready") is True,
        ran=bool(terminations or restarts or "running" in state),
        terminations=terminations,
        image=images.get(_text(container.get("name")), ""),
    )


def _termination(terminated: Mapping[str, object]) -> Termination:
    code = terminated.get("exitCode")
    known = isinstance(code, int) and not isinstance(code, bool)
    return Termination(
        reason=_text(terminated.get("reason")),
        exit_code=_number(code) if known else -1,
        finished_at=_time(terminated.get("finishedAt")),
    )


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _mappings(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _time(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_text(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
