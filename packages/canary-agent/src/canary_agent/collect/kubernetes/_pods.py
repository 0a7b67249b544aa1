"""Pods of the API, reduced to what choosing them and reading their logs asks for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from canary_agent.collect import ContainerStatus, PodStatus

# The reading of API objects is the same for folders and clusters.
from canary_agent.collect._kubernetes import read_pod

from ._namespaces import is_object_name
from ._raw import mapping, mappings, text

Kind = Literal["", "init", "sidecar"]


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a pod's specification.

    Attributes:
        kind: empty for a regular one; a sidecar is an init container that goes on beside them.
        restarted: whether it has an earlier instance.
        last_ended: when that one ended, where it is known.
        waits: its next instance has not started, so that the API gives the earlier one's log for
            its own (pkg/kubelet, validateContainerLogStatus).
    """

    name: str
    kind: Kind
    ran: bool
    restarted: bool
    last_ended: datetime | None
    waits: bool

    @property
    def label(self) -> str:
        """Its name for people: `migrate (init)`."""
        return f"{self.name} ({self.kind})" if self.kind else self.name


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod: its status as the evidence sees it, and its containers."""

    status: PodStatus
    uid: str
    containers: tuple[Container, ...]

    @property
    def name(self) -> str:
        """Its name."""
        return self.status.name


def parse_pod(raw: Mapping[str, object]) -> Pod | None:
    """One item of a pod list; None when its name could not be part of a path."""
    spec, status = mapping(raw.get("spec")), mapping(raw.get("status"))
    kinds = dict(_kinds(spec))
    sidecars = {name for name, kind in kinds.items() if kind == "sidecar"}
    init = mappings(status.get("initContainerStatuses"))
    regular = mappings(status.get("containerStatuses"))
    # Init containers may fail while they wait for something; a sidecar that restarts is in trouble.
    lasting = [one for one in init if text(one.get("name")) in sidecars]
    passing = [one for one in init if text(one.get("name")) not in sidecars]
    merged = {
        **status,
        "initContainerStatuses": passing,
        "containerStatuses": [*lasting, *regular],
    }
    pod = read_pod({**raw, "status": merged})
    if pod is None or not is_object_name(pod.name):
        return None
    states = {one.name: one for one in pod.containers}
    found = {text(one.get("name")): one for one in (*init, *regular)}
    return Pod(
        status=pod,
        uid=text(mapping(raw.get("metadata")).get("uid")),
        containers=tuple(
            _container(name, kind, states.get(name), found.get(name, {}))
            for name, kind in kinds.items()
        ),
    )


def _kinds(spec: Mapping[str, object]) -> Iterator[tuple[str, Kind]]:
    for container in mappings(spec.get("initContainers")):
        name = text(container.get("name"))
        if is_object_name(name):
            yield name, "sidecar" if container.get("restartPolicy") == "Always" else "init"
    for container in mappings(spec.get("containers")):
        name = text(container.get("name"))
        if is_object_name(name):
            yield name, ""


def _container(
    name: str, kind: Kind, state: ContainerStatus | None, raw: Mapping[str, object]
) -> Container:
    ends = state.terminations if state else ()
    ended = "terminated" in mapping(raw.get("lastState"))
    restarts = raw.get("restartCount")
    restarted = ended or (isinstance(restarts, int) and restarts > 0)
    return Container(
        name=name,
        kind=kind,
        ran=restarted or bool(state and state.ran),
        restarted=restarted,
        last_ended=ends[-1].finished_at if ends and kind != "init" else None,
        waits=ended and "waiting" in mapping(raw.get("state")),
    )
