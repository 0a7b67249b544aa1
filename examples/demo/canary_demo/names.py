"""What the demo's Rollouts, ReplicaSets and pods are called: as the controller would name them."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

__all__ = ["NAMESPACE", "PodIdentity", "identity_of", "rollout_name"]

NAMESPACE = "shop"
HASH_LABEL = "rollouts-pod-template-hash"

Role = Literal["stable", "canary"]


@dataclass(frozen=True, slots=True)
class PodIdentity:
    """A pod's place in one Rollout."""

    pod: str
    replica_set: str
    template_hash: str
    labels: Mapping[str, str]


def rollout_name(canary: str) -> str:
    """The Rollout that brings out this version of the shop."""
    return f"shop-{canary}"


def identity_of(canary: str, role: Role) -> PodIdentity:
    """The pod of one side in the Rollout of `canary`; the same in every run."""
    version = canary if role == "canary" else "stable"
    template_hash = _digest(f"template {version}", 10)
    replica_set = f"{rollout_name(canary)}-{template_hash}"
    labels = {"app": rollout_name(canary), "role": role, HASH_LABEL: template_hash}
    return PodIdentity(
        pod=f"{replica_set}-{_digest(f'pod {canary} {role}', 5)}",
        replica_set=replica_set,
        template_hash=template_hash,
        labels=labels,
    )


def _digest(text: str, length: int) -> str:
    return sha256(text.encode()).hexdigest()[:length]
