"""Pods sorted into sides, by the rule that plugin and agent share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from canary_verdict import HASH_LABEL, CanaryRequest, Origin, SideName, side_of

from ._model import Gap, PodStatus
from ._selectors import parse_selector


@dataclass
class Assignment:
    """Pods by side, and the ones left out with the reason."""

    stable: list[PodStatus] = field(default_factory=list)
    canary: list[PodStatus] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)


def assign(
    pods: Iterable[PodStatus],
    request: CanaryRequest,
    known: Mapping[str, SideName],
    *,
    owners_known: bool = True,
) -> Assignment:
    """Sorts pods into sides.

    Args:
        pods: with those that nobody asked for among them.
        request: the Rollout, the selectors and the canary's hash.
        known: pods that stay where they are, since a folder says so.
        owners_known: whether a pod without an owner has none; files written by hand may leave it out.

    Raises:
        CollectError: a selector of the request is malformed.
    """
    stable = parse_selector(request.stable.selector)
    canary = parse_selector(request.canary.selector)
    assignment = Assignment()
    for pod in pods:
        labels = dict(pod.labels)
        origin = Origin(
            owner=pod.owner if pod.owner or owners_known else None,
            pod_hash=labels.get(HASH_LABEL, ""),
            by_stable=stable.matches(labels),
            by_canary=canary.matches(labels),
        )
        side, reason = side_of(origin, request)
        side = known.get(pod.name, side)
        if side is not None:
            (assignment.stable if side == "stable" else assignment.canary).append(pod)
        elif reason:
            assignment.gaps.append(Gap(f"pod {pod.name} was left out: {reason}", blocking=False))
    return assignment
