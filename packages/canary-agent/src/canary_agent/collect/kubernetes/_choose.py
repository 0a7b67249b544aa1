"""Which of the listed pods belong to the Rollout in question, and to which side."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from canary_agent.collect import Gap, PodStatus
from canary_agent.collect._sides import assign
from canary_verdict import CanaryRequest, SideName

from ._pods import Pod

_NAMED = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """Pods by side, in order of their names, and what was left out."""

    stable: tuple[Pod, ...]
    canary: tuple[Pod, ...]
    gaps: tuple[Gap, ...]


def choose(pods: Iterable[Pod], request: CanaryRequest) -> Choice:
    """Keeps the pods of the request's Rollout, by `canary_verdict.side_of`."""
    by_name = {pod.name: pod for pod in pods}
    assignment = assign((pod.status for pod in by_name.values()), request, {})
    gaps = assignment.gaps
    if not request.rollout:
        note = (
            "the run belongs to no Rollout, so its label selectors alone say which pods are meant"
        )
        gaps.append(Gap(note, blocking=False))
    return Choice(
        stable=_of(by_name, assignment.stable),
        canary=_of(by_name, assignment.canary),
        gaps=_shortened(gaps),
    )


def _of(by_name: dict[str, Pod], statuses: list[PodStatus]) -> tuple[Pod, ...]:
    return tuple(by_name[name] for name in sorted(status.name for status in statuses))


def _shortened(gaps: list[Gap]) -> tuple[Gap, ...]:
    gaps.sort(key=lambda gap: gap.text)
    if len(gaps) <= _NAMED:
        return tuple(gaps)
    more = Gap(f"{len(gaps) - _NAMED} more pods were left out", blocking=False)
    return (*gaps[:_NAMED], more)


def sampled(pods: Sequence[Pod], limit: int) -> tuple[Pod, ...]:
    """At most `limit` pods, the same ones whenever the same pods are there."""
    if len(pods) <= limit:
        return tuple(pods)
    # By a hash, since names are made in an order that says something about age.
    picked = sorted(pods, key=lambda pod: hashlib.sha256(pod.name.encode()).digest())[:limit]
    return tuple(sorted(picked, key=lambda pod: pod.name))


def not_sampled(side: SideName, pods: Sequence[Pod], limit: int) -> list[Gap]:
    """The gap that `sampled` leaves.

    What stable has too much of is no loss; a canary that was not read whole is not promoted.
    """
    if len(pods) <= limit:
        return []
    text = (
        f"{side}: of {len(pods)} pods the logs of {limit} were read, which is the limit; the states"
        " of all were looked at"
    )
    return [Gap(text, blocking=side == "canary")]
