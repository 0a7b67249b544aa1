"""Hard evidence from pods and events: what Kubernetes itself says of the canary.

A state or an end counts only where it is the canary's own: stable does not show it as often, pod for pod,
and the node did not cause it. Source of the reasons: pkg/kubelet/images/types.go, pkg/kubelet/container/
sync_result.go, pkg/kubelet/events/event.go and pkg/kubelet/nodeshutdown of Kubernetes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from canary_agent.collect import ContainerStatus, PodStatus, Side, Termination

from ._finding import Finding, Kind
from ._table import SampleLine

CRASH_LOOP = "CrashLoopBackOff"
IMAGE_PULL = "ImagePullBackOff"
CONTAINER_CONFIG = "ContainerConfigError"
OOM_KILLED = "OOMKilled"
NON_ZERO_EXIT = "NonZeroExit"
RESTARTS = "Restarts"
PROBES = "ProbeFailure"
CRASH_SIGNATURE = "CrashSignature"

NAMES_A_CAUSE = frozenset({OOM_KILLED, IMAGE_PULL, CONTAINER_CONFIG, CRASH_SIGNATURE})
"""Hard evidence that says why; the others only show that there is a cause."""

ENDS = frozenset({CRASH_LOOP, NON_ZERO_EXIT, RESTARTS, CRASH_SIGNATURE})
"""Hard evidence that a program ends."""

_WAITING = {
    "CrashLoopBackOff": CRASH_LOOP,
    "ImagePullBackOff": IMAGE_PULL,
    "ErrImagePull": IMAGE_PULL,
    "ErrImageNeverPull": IMAGE_PULL,
    "InvalidImageName": IMAGE_PULL,
    "ImageInspectError": IMAGE_PULL,
    "RegistryUnavailable": IMAGE_PULL,
    "SignatureValidationFailed": IMAGE_PULL,
    "CreateContainerConfigError": CONTAINER_CONFIG,
    "CreateContainerError": CONTAINER_CONFIG,
    "RunContainerError": CONTAINER_CONFIG,
}
_BY_NODE = frozenset(
    {"Evicted", "NodeShutdown", "Shutdown", "Terminated", "NodeLost", "Preempting"}
)
_LOST = frozenset({"Unknown", "ContainerStatusUnknown", "NodeShutdown"})
# The kubelet's default failureThreshold: fewer failures in a row change nothing.
_LEAST_PROBE_FAILURES = 3


@dataclass(frozen=True, slots=True)
class Observed:
    """How many times one side shows something, in how many pods it could, and one case of it."""

    times: int = 0
    pods: int = 0
    case: SampleLine | None = None

    @property
    def per_pod(self) -> float:
        """Times a pod."""
        return self.times / self.pods if self.pods else 0.0


def hard_findings(stable: Side, canary: Side) -> Iterator[Finding]:
    """Hard evidence, and states that stop a promotion without being proof of a fault."""
    since = min((pod.started_at for pod in canary.pods if pod.started_at), default=None)
    for name, what, observe in _RULES:
        observed = observe(canary, None)
        if observed.times:
            yield from _compared(name, what, observe(stable, since), observed)
    yield from _not_running(stable, canary)


def _compared(name: str, what: str, stable: Observed, canary: Observed) -> Iterator[Finding]:
    # What is shared with stable is no fault of the new version; a pod that cannot run now is no
    # candidate for promotion all the same.
    shared = stable.times > 0 and stable.per_pod >= canary.per_pod
    is_state = name in {CRASH_LOOP, IMAGE_PULL, CONTAINER_CONFIG}
    if shared and not is_state:
        return
    yield Finding(
        kind=Kind.STATE if shared else Kind.HARD,
        name=name,
        what=f"{what}, on stable as well" if shared else what,
        stable=stable.times,
        canary=canary.times,
        ratio=canary.per_pod / stable.per_pod if stable.times else None,
        is_error=True,
        stable_sample=stable.case,
        canary_sample=canary.case,
    )


def _not_running(stable: Side, canary: Side) -> Iterator[Finding]:
    for pod in canary.pods:
        waiting = [one.waiting for one in pod.containers if one.waiting in _WAITING]
        if pod.ready or pod.deleting or waiting or _ended_by_node(pod) or not pod.phase:
            continue
        if pod.phase in {"Pending", "Running"} and any(other.ready for other in stable.pods):
            yield Finding(
                kind=Kind.STATE,
                name="NotReady",
                what="a canary pod is not ready, while pods of stable are",
                canary=1,
                is_error=True,
                canary_sample=SampleLine(f"phase {pod.phase}, not ready", pod.name, ""),
            )
            return


def _ended_by_node(pod: PodStatus) -> bool:
    return pod.disrupted or pod.reason in _BY_NODE


def _waits_as(name: str) -> Callable[[Side, datetime | None], Observed]:
    def observe(side: Side, since: datetime | None) -> Observed:
        del since  # a state is of now
        cases = [
            SampleLine(f"{one.waiting}: {one.waiting_message}".rstrip(": "), pod.name, one.name)
            for pod in side.pods
            for one in pod.containers
            if _WAITING.get(one.waiting) == name and not pod.deleting
        ]
        return Observed(len({case.pod for case in cases}), len(side.pods), _first(cases))

    return observe


def _ends_as(name: str) -> Callable[[Side, datetime | None], Observed]:
    def observe(side: Side, since: datetime | None) -> Observed:
        cases = [
            SampleLine(
                text=f"{end.reason or 'ended'}, exit code {end.exit_code}",
                pod=pod.name,
                container=one.name,
                time=end.finished_at.isoformat() if end.finished_at else "",
            )
            for pod in side.pods
            if not (pod.deleting or _ended_by_node(pod))
            for one in pod.containers
            for end in one.terminations
            if _end_name(end) == name and _is_recent(end, since)
        ]
        return Observed(len(cases), len(side.pods), _first(cases))

    return observe


def _end_name(end: Termination) -> str:
    if end.reason == "OOMKilled":
        return OOM_KILLED
    return NON_ZERO_EXIT if end.exit_code > 0 and end.reason not in _LOST else ""


def _is_recent(end: Termination, since: datetime | None) -> bool:
    """Whether it fell into the time of the canary, as far as that is known."""
    return since is None or end.finished_at is None or end.finished_at >= since


def _restarts(side: Side, since: datetime | None) -> Observed:
    times, cases = 0, []
    for pod in side.pods:
        for one in pod.containers:
            restarts = 0 if _ended_by_node(pod) else _own_restarts(one, since)
            times += restarts
            if restarts:
                cases.append(SampleLine(f"restarted {restarts} times", pod.name, one.name))
    return Observed(times, len(side.pods), _first(cases))


def _own_restarts(container: ContainerStatus, since: datetime | None) -> int:
    # Only the last end is known, so a pod that restarted before the time in question is judged by it.
    last = container.terminations[-1] if container.terminations else None
    if last is None:
        return container.restarts
    if not _is_recent(last, since):
        return 0
    return max(0, container.restarts - 1) if last.reason in _LOST else container.restarts


def _probe_failures(side: Side, since: datetime | None) -> Observed:
    del since  # the API server keeps events for an hour
    ready = {pod.name for pod in side.pods if pod.ready}
    cases = [
        (event.count, SampleLine(event.message, event.pod, ""))
        for event in side.events
        if event.reason in {"Unhealthy", "ProbeError"}
        # A pod that has become ready has passed the probes that failed while it started.
        and (event.pod not in ready or event.message.startswith("Liveness"))
    ]
    times = sum(count for count, _ in cases)
    pods = len(side.pod_names)
    if times < _LEAST_PROBE_FAILURES:
        return Observed(0, pods)
    return Observed(times, pods, cases[0][1])


def _first(cases: list[SampleLine]) -> SampleLine | None:
    return min(cases, key=lambda case: (case.pod, case.container)) if cases else None


_RULES: tuple[tuple[str, str, Callable[[Side, datetime | None], Observed]], ...] = (
    (CRASH_LOOP, "containers of the canary crash again and again", _waits_as(CRASH_LOOP)),
    (IMAGE_PULL, "an image of the canary cannot be pulled", _waits_as(IMAGE_PULL)),
    (CONTAINER_CONFIG, "a container of the canary cannot be created", _waits_as(CONTAINER_CONFIG)),
    (OOM_KILLED, "containers of the canary were killed for lack of memory", _ends_as(OOM_KILLED)),
    (NON_ZERO_EXIT, "containers of the canary ended with an error", _ends_as(NON_ZERO_EXIT)),
    (RESTARTS, "containers of the canary restarted more often than stable's", _restarts),
    (PROBES, "probes of the canary fail more often than stable's", _probe_failures),
)
