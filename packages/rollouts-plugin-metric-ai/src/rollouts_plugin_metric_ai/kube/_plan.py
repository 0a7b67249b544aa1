"""What of both sides is attached: which logs, how much of each, and which pods' states."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from canary_verdict import SIDES, AttachedGap, AttachedPod, CanaryRequest, SideName

from ._api import LogQuery
from ._limits import KubeLimits
from ._objects import Pod
from ._sides import Sides

# Logs of one side are read so much larger than their even share, since many are small.
_SLACK = 4


@dataclass(frozen=True, slots=True)
class WantedLog:
    """One log to be read; one that may well be gone is `expendable`."""

    side: SideName
    query: LogQuery
    expendable: bool

    def __str__(self) -> str:
        previous = ", previous instance" if self.query.previous else ""
        return f"{self.side}: pod {self.query.pod}, container {self.query.container}{previous}"


def log_begin(sides: Sides, request: CanaryRequest, now: datetime) -> datetime:
    """Since when lines count: the later of the canary's start and the window's, for both sides."""
    begin = now - timedelta(seconds=request.window)
    starts = [pod.started for pod in sides.canary if pod.started is not None]
    return max(begin, min(starts)) if starts else begin


def wanted_logs(
    side: SideName, pods: Sequence[Pod], since: datetime, limits: KubeLimits
) -> tuple[list[WantedLog], list[AttachedGap]]:
    """The logs of one side that are to be read, and a gap for each limit that leaves some out.

    What stable has too much of is no loss; a canary that was not read whole should not be promoted.
    """
    gaps = []
    # Of a canary those in trouble say most, of stable those that do its work.
    chosen = sorted(pods, key=lambda pod: (pod.troubled != (side == "canary"), pod.name))
    if len(chosen) > limits.pods:
        text = f"{side}: of {len(chosen)} pods the logs of {limits.pods} are attached"
        gaps.append(AttachedGap(text, blocking=side == "canary"))
    logs = [entry for pod in chosen[: limits.pods] for entry in _logs_of(pod)]
    if len(logs) > limits.logs:
        text = f"{side}: of {len(logs)} logs {limits.logs} are attached"
        gaps.append(AttachedGap(text, blocking=side == "canary"))
    keep = min(limits.log_bytes, _SLACK * limits.side_bytes // max(1, len(logs)))
    wanted = [
        WantedLog(
            side,
            LogQuery(pod=pod.name, container=name, since=since, keep=keep, previous=previous),
            expendable=previous or pod.deleting,
        )
        for pod, name, previous in logs[: limits.logs]
    ]
    return wanted, gaps


def attached_pods(
    sides: Sides, gaps: list[AttachedGap], limits: KubeLimits
) -> tuple[AttachedPod, ...]:
    """The pods whose states are attached, the canary's first; adds a gap where a limit cuts in."""
    attached: list[AttachedPod] = []
    left = limits.status_bytes
    for side in reversed(SIDES):
        pods = sorted(sides.of(side), key=lambda pod: (not pod.troubled, pod.name))
        for number, pod in enumerate(pods):
            left -= len(json.dumps(pod.status))
            if left < 0 or number >= limits.listed_pods:
                text = f"{side}: of {len(pods)} pods the states of {number} are attached"
                gaps.append(AttachedGap(text, blocking=side == "canary"))
                break
            attached.append(AttachedPod(side, pod.name, pod.status, pod.deleting))
    return tuple(attached)


def _logs_of(pod: Pod) -> Iterator[tuple[Pod, str, bool]]:
    for container in pod.containers:
        if container.previous_log:
            yield pod, container.name, True
        if container.running_log:
            yield pod, container.name, False
