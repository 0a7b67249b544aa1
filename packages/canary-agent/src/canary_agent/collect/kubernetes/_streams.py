"""Which logs to read: all containers of a pod, and their last instances."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from canary_agent.collect import Gap
from canary_verdict import SideName

from ._pods import Container, Pod


@dataclass(frozen=True, slots=True)
class Stream:
    """One log of one container.

    Attributes:
        since: lines before it are left out; None: all that the node has.
    """

    side: SideName
    pod: Pod
    container: Container
    previous: bool
    since: datetime | None

    @property
    def what(self) -> str:
        """For people: `canary: c1/app, previous instance`."""
        instance = ", previous instance" if self.previous else ""
        return f"{self.side}: {self.pod.name}/{self.container.label}{instance}"


def streams(side: SideName, pods: Sequence[Pod], since: datetime) -> list[Stream]:
    """The logs of these pods that can have lines since then.

    Init containers run once, before the rest, so that the time of stable's says nothing: they are
    compared whole, or what a canary's init containers write would look new every time.
    """
    found = []
    for pod in pods:
        for container in pod.containers:
            start = None if container.kind == "init" else since
            if container.restarted and not _over(container, start):
                found.append(Stream(side, pod, container, previous=True, since=start))
            if container.ran and not container.waits:
                found.append(Stream(side, pod, container, previous=False, since=start))
    return found


def _over(container: Container, since: datetime | None) -> bool:
    ended = container.last_ended
    return since is not None and ended is not None and ended < since


def not_started(side: SideName, pods: Sequence[Pod]) -> Iterator[Gap]:
    """Names the containers that have no log yet.

    The canary's keep it from being promoted; stable may grow at any time.
    """
    for pod in pods:
        names = [one.label for one in pod.containers if not one.ran and one.kind != "init"]
        if names and not pod.status.deleting:
            text = f"{side}: {pod.name}/{', '.join(names)} has not started, so it has no log"
            yield Gap(text, blocking=side == "canary")
