"""Which of the listed pods belong to the Rollout in question, and to which side."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from canary_verdict import HASH_LABEL, CanaryRequest, Origin, SideName, side_of

from ._objects import Pod

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
    """Sorts pods into sides, by `canary_verdict.side_of`.

    Args:
        stable: the pods that stable's selector matches.
        canary: the pods that the canary's selector matches.
        request: the Rollout and the hash.
    """
    by_stable = {pod.name: pod for pod in stable}
    by_canary = {pod.name: pod for pod in canary}
    sides = Sides()
    for name, pod in sorted((by_stable | by_canary).items()):
        pod_hash = pod.labels.get(HASH_LABEL, "")
        origin = Origin(pod.owner, pod_hash, name in by_stable, name in by_canary)
        side, reason = side_of(origin, request)
        if side is None:
            sides.left_out.append(f"pod {name} was left out: {reason}")
        else:
            sides.of(side).append(pod)
    more = len(sides.left_out) - _NAMED
    if more > 0:
        sides.left_out[_NAMED:] = [f"{more} more pods were left out"]
    return sides
