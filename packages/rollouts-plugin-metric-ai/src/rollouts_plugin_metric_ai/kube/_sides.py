"""Which of the listed pods belong to the Rollout in question, and to which side.

A selector such as `role=canary` matches the canaries of every Rollout in a namespace. A Rollout's
ReplicaSet is named `<rollout>-<hash>`, the hash being its pods' label (argo-rollouts, rollout/sync.go,
createDesiredReplicaSet), so owners tell without a look at the ReplicaSets.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from canary_verdict import CanaryRequest, SideName

from ._objects import Pod

HASH_LABEL = "rollouts-pod-template-hash"
_HASH = re.compile(r"[a-z0-9]{1,63}")
_NAMED = 20


@dataclass(slots=True)
class Sides:
    """Pods of each side in the order of their names, and a sentence for each that was left out."""

    stable: list[Pod] = field(default_factory=list)
    canary: list[Pod] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def of(self, side: SideName) -> list[Pod]:
        """One side's pods."""
        return self.canary if side == "canary" else self.stable


def sides_of(stable: Iterable[Pod], canary: Iterable[Pod], request: CanaryRequest) -> Sides:
    """Sorts pods into sides.

    Of the Rollout's pods the request's hash is the canary and any other is stable. Without a hash, or
    without a Rollout (an Experiment's run, or nobody's), the selectors decide.

    Args:
        stable: the pods that stable's selector matches.
        canary: the pods that the canary's selector matches.
        request: the Rollout and the hash.
    """
    by_stable = {pod.name: pod for pod in stable}
    by_canary = {pod.name: pod for pod in canary}
    sides = Sides()
    for name, pod in sorted((by_stable | by_canary).items()):
        if reason := _stranger(pod, request.rollout):
            sides.left_out.append(f"pod {name} was left out: {reason}")
        elif request.rollout and request.canary.pod_template_hash:
            is_canary = pod.labels[HASH_LABEL] == request.canary.pod_template_hash
            sides.of("canary" if is_canary else "stable").append(pod)
        elif name in by_stable and name in by_canary:
            sides.left_out.append(f"pod {name} was left out: both selectors match it")
        else:
            sides.of("canary" if name in by_canary else "stable").append(pod)
    more = len(sides.left_out) - _NAMED
    if more > 0:
        sides.left_out[_NAMED:] = [f"{more} more pods were left out"]
    return sides


def _stranger(pod: Pod, rollout: str) -> str:
    """Why a pod is not the Rollout's; empty when it is, or when there is no Rollout to ask for."""
    if not rollout:
        return ""
    if not pod.owner:
        return "no ReplicaSet owns it"
    pod_hash = pod.labels.get(HASH_LABEL, "")
    if not _HASH.fullmatch(pod_hash):
        return f"it has no label {HASH_LABEL} of a Rollout's making"
    if pod.owner != f"{rollout}-{pod_hash}":
        return f"its ReplicaSet {pod.owner} is not one of Rollout {rollout}"
    return ""
