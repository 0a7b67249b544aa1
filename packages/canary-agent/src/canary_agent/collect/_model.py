"""What a source hands over: both sides' logs, pods and events, and what could not be had."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from canary_verdict import CanaryRequest


@dataclass(frozen=True, slots=True)
class Gap:
    """One sentence on what is missing from the sample.

    `blocking` says that the evidence may lack what decides, so that the answer cannot be promote;
    otherwise the pod or file was left out on purpose.
    """

    text: str
    blocking: bool = True


@dataclass(frozen=True, slots=True)
class ContainerLog:
    """One log stream, read when it is asked for.

    Attributes:
        read: opens the stream anew and yields it in chunks of bytes, oldest first; raises OSError
            when it cannot be read.
        previous: the log of the container's last, terminated instance.
        truncated: a byte limit left out the oldest part.
    """

    pod: str
    container: str
    read: Callable[[], Iterator[bytes]]
    previous: bool = False
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Termination:
    """How one instance of a container ended; `exit_code` is -1 where the API does not say."""

    reason: str
    exit_code: int
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ContainerStatus:
    """One container of a pod as its status says.

    Attributes:
        waiting: the reason of the waiting state (`CrashLoopBackOff`), empty when it does not wait.
        waiting_message: the kubelet's own words on it.
        restarts: since the pod began.
        ran: whether it ever started, so that a log is to be expected.
        terminations: the current terminated state and the last one, where there are any.
        image: as the pod's specification names it; empty where that is not known.
    """

    name: str
    waiting: str = ""
    waiting_message: str = ""
    restarts: int = 0
    ready: bool = False
    ran: bool = False
    terminations: tuple[Termination, ...] = ()
    image: str = ""


@dataclass(frozen=True, slots=True)
class PodStatus:
    """One pod, reduced to what the evidence asks of it.

    Attributes:
        reason: `status.reason`, such as `Evicted` or `NodeShutdown`.
        disrupted: the node or the scheduler ended it (`DisruptionTarget`), not its own program.
        deleting: it is being removed, so that its exits say nothing.
    """

    name: str
    labels: tuple[tuple[str, str], ...] = ()
    owner: str = ""
    phase: str = ""
    reason: str = ""
    ready: bool = False
    disrupted: bool = False
    deleting: bool = False
    started_at: datetime | None = None
    containers: tuple[ContainerStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class PodEvent:
    """One Kubernetes event about a pod, `count` times, the last time at `seen_at`."""

    pod: str
    reason: str
    message: str
    count: int = 1
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """Stable's or the canary's part of the sample; pods and events are empty where none are known."""

    logs: tuple[ContainerLog, ...] = ()
    pods: tuple[PodStatus, ...] = ()
    events: tuple[PodEvent, ...] = ()

    @property
    def pod_names(self) -> frozenset[str]:
        """All pods of the side, with or without a log."""
        return frozenset(log.pod for log in self.logs) | frozenset(pod.name for pod in self.pods)

    @property
    def images(self) -> dict[str, str]:
        """Of each container the image that most pods have, by the container's name."""
        counts: dict[str, Counter[str]] = {}
        for container in (one for pod in self.pods for one in pod.containers if one.image):
            counts.setdefault(container.name, Counter())[container.image] += 1
        return {
            name: max(sorted(images), key=images.__getitem__)
            for name, images in sorted(counts.items())
        }


@dataclass(frozen=True, slots=True)
class TrafficShare:
    """The canary's part of the traffic as the cluster has it: 0 to 1, and who says so."""

    share: float
    source: Literal["the Rollout's status", "the ready pods"]


@dataclass(frozen=True, slots=True)
class Sample:
    """What one analysis compares.

    Attributes:
        traffic: None where nobody knows it, as of a folder.
        baseline: logs of an earlier, healthy time; they tell what is usual, and are no side.
    """

    stable: Side
    canary: Side
    gaps: tuple[Gap, ...] = ()
    traffic: TrafficShare | None = None
    baseline: Side = Side()


class Source(Protocol):
    """Where samples come from: a folder, a cluster, a bundle."""

    def collect(self, request: CanaryRequest, cancelled: Callable[[], bool]) -> Sample:
        """The sample that `request` speaks of.

        Partial failures are gaps, not errors.

        Raises:
            CollectError: nothing can be read at all, or the request's selectors are malformed.
        """
        ...


class CollectError(Exception):
    """A source that could not be read at all; says what was found and what to do."""
