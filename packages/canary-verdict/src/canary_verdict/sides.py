"""Which side of a Rollout a pod is on.

A selector such as `role=canary` matches the canaries of every Rollout in a namespace. A Rollout's
ReplicaSet is named `<rollout>-<hash>`, the hash being its pods' label (argo-rollouts, rollout/sync.go,
createDesiredReplicaSet). A hash has no hyphen, so a pod of another Rollout whose name begins alike is
never taken for one of ours, and the ReplicaSets themselves need not be read.
"""

import re
from dataclasses import dataclass

from .attached import SideName
from .request import CanaryRequest

HASH_LABEL = "rollouts-pod-template-hash"
_HASH = re.compile(r"[a-z0-9]{1,63}")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a pod comes from.

    Attributes:
        owner: its ReplicaSet's name, empty where none owns it; None where that is not known.
        pod_hash: its label `HASH_LABEL`, or empty.
        by_stable: whether stable's selector matches it.
        by_canary: whether the canary's selector does.
    """

    owner: str | None
    pod_hash: str
    by_stable: bool
    by_canary: bool

    @property
    def selected(self) -> bool:
        """Whether anybody asked for it."""
        return self.by_stable or self.by_canary


def side_of(pod: Origin, request: CanaryRequest) -> tuple[SideName | None, str]:
    """The pod's side, or None and the reason for having none.

    Of the Rollout's pods the request's hash is the canary and any other is stable, whatever their
    other labels say. Without a hash, or without a Rollout (an Experiment's run, or nobody's), the
    selectors decide.

    Returns:
        The reason is empty where there is a side, and for a pod that nobody asked for.
    """
    stranger = _stranger(pod, request.rollout)
    if stranger:
        return None, stranger if pod.selected else ""
    wanted = request.canary.pod_template_hash
    if request.rollout and wanted and pod.pod_hash and (pod.selected or pod.owner):
        return ("canary" if pod.pod_hash == wanted else "stable"), ""
    if pod.by_stable and pod.by_canary:
        return None, "both selectors match it"
    if not pod.selected:
        return None, ""
    return ("canary" if pod.by_canary else "stable"), ""


def _stranger(pod: Origin, rollout: str) -> str:
    """Why a pod is not the Rollout's; empty when it is, or when nobody can tell."""
    if not rollout or pod.owner is None:
        return ""
    if not pod.owner:
        return "no ReplicaSet owns it"
    if not _HASH.fullmatch(pod.pod_hash):
        return f"it has no label {HASH_LABEL} of a Rollout's making"
    if pod.owner != f"{rollout}-{pod.pod_hash}":
        return f"its ReplicaSet {pod.owner} is not one of Rollout {rollout}"
    return ""
