"""Which of the listed pods belong to the Rollout in question, and to which side."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from canary_agent.collect import Gap, PodStatus
from canary_agent.collect._sides import HASH_LABEL, SideName, assign
from canary_verdict import CanaryRequest

from ._pods import Pod

_HASH = re.compile(r"[a-z0-9]{1,63}")
_NAMED = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """Pods by side, in order of their names, and what was left out."""

    stable: tuple[Pod, ...]
    canary: tuple[Pod, ...]
    gaps: tuple[Gap, ...]


def choose(pods: Iterable[Pod], request: CanaryRequest) -> Choice:
    """Keeps the pods of the request's Rollout.

    A Rollout's ReplicaSet is named `<rollout>-<hash>`, the hash being the pods' label
    `rollouts-pod-template-hash` (argo-rollouts, rollout/sync.go, createDesiredReplicaSet). A hash has
    no hyphen, so the pod of another Rollout whose name begins alike is never taken for ours, and the
    ReplicaSets themselves need not be read. The request's hash is the canary, any other is stable.

    Without a Rollout (an Experiment's run, or nobody's) the selectors alone decide.
    """
    if not request.rollout:
        alone = replace(request, canary=replace(request.canary, pod_template_hash=""))
        note = Gap(
            "the run belongs to no Rollout, so its label selectors alone say which pods are meant",
            blocking=False,
        )
        return _sorted_out(list(pods), alone, [note])
    ours, gaps = [], []
    for pod in pods:
        if reason := _stranger(pod.status, request.rollout):
            gaps.append(Gap(f"pod {pod.name} was left out: {reason}", blocking=False))
        else:
            ours.append(pod)
    return _sorted_out(ours, request, gaps)


def _stranger(pod: PodStatus, rollout: str) -> str:
    """Why a pod is not one of the Rollout's; empty when it is."""
    if not pod.owner:
        return "no ReplicaSet owns it"
    pod_hash = dict(pod.labels).get(HASH_LABEL, "")
    if not _HASH.fullmatch(pod_hash):
        return f"it has no label {HASH_LABEL} of a Rollout's making"
    if pod.owner != f"{rollout}-{pod_hash}":
        return f"its ReplicaSet {pod.owner} is not one of Rollout {rollout}"
    return ""


def _sorted_out(pods: Sequence[Pod], request: CanaryRequest, gaps: list[Gap]) -> Choice:
    assignment = assign((pod.status for pod in pods), request, {})
    by_name = {pod.name: pod for pod in pods}
    return Choice(
        stable=_of(by_name, assignment.stable),
        canary=_of(by_name, assignment.canary),
        gaps=_shortened([*gaps, *assignment.gaps]),
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
