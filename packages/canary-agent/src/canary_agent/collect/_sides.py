"""Which pod is stable's, which is the canary's, and which is nobody's.

A selector such as `role=canary` matches the canaries of every Rollout in a namespace. So a pod counts
only when its owner is a ReplicaSet of the Rollout in question, where that is known; and where the
canary's pod template hash is known, it says more than any label.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from canary_verdict import CanaryRequest

from ._model import Gap, PodStatus
from ._selectors import Selector, parse_selector

HASH_LABEL = "rollouts-pod-template-hash"

SideName = Literal["stable", "canary"]


@dataclass
class Assignment:
    """Pods by side, and the ones left out with the reason."""

    stable: list[PodStatus] = field(default_factory=list)
    canary: list[PodStatus] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)


def assign(
    pods: Iterable[PodStatus], request: CanaryRequest, known: Mapping[str, SideName]
) -> Assignment:
    """Sorts pods into sides; `known` pods (a folder says so) stay where they are.

    Raises:
        CollectError: a selector of the request is malformed.
    """
    stable, canary = (
        parse_selector(request.stable.selector),
        parse_selector(request.canary.selector),
    )
    assignment = Assignment()
    for pod in pods:
        side = known.get(pod.name) or _side(pod, request, stable, canary)
        if side == "stable":
            assignment.stable.append(pod)
        elif side == "canary":
            assignment.canary.append(pod)
        elif side:
            assignment.gaps.append(Gap(f"pod {pod.name} was left out: {side}", blocking=False))
    return assignment


def _side(
    pod: PodStatus, request: CanaryRequest, stable: Selector, canary: Selector
) -> SideName | str:
    """A side, the reason for having none, or nothing for a pod that nobody asked for."""
    labels = dict(pod.labels)
    pod_hash, wanted = labels.get(HASH_LABEL, ""), request.canary.pod_template_hash
    selected = stable.matches(labels) or canary.matches(labels)
    if request.rollout and pod.owner and pod.owner != f"{request.rollout}-{pod_hash}":
        reason = f"its ReplicaSet {pod.owner} is not one of Rollout {request.rollout}"
        return reason if selected else ""
    if wanted and pod_hash:
        ours = selected or (request.rollout != "" and pod.owner != "")
        return ("canary" if pod_hash == wanted else "stable") if ours else ""
    if stable.matches(labels) and canary.matches(labels):
        return "both selectors match it"
    if stable.matches(labels):
        return "stable"
    return "canary" if canary.matches(labels) else ""
