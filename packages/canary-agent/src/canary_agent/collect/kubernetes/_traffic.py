"""The canary's share of the traffic, as the Rollout's status or the pods have it.

Where a traffic router splits the traffic, `status.canary.weights` holds what it was told last (Argo Rollouts,
pkg/apis/rollouts/v1alpha1, TrafficWeights). Otherwise a Service spreads it evenly over the ready pods.
"""

from collections.abc import Mapping, Sequence

from canary_agent.collect import TrafficShare
from canary_verdict import CanaryRequest

from ._api import Api, ApiError
from ._pods import Pod
from ._raw import mapping, text

_USUAL_WEIGHT = 100


async def traffic_share(
    api: Api, request: CanaryRequest, stable: Sequence[Pod], canary: Sequence[Pod]
) -> TrafficShare | None:
    """The share, where it can be known. Reading Rollouts is a right that the agent may lack."""
    if request.rollout and canary:
        path = f"/apis/argoproj.io/v1alpha1/namespaces/{request.run.namespace}/rollouts/{request.rollout}"
        try:
            share = routed_share(await api.read(path), request.canary.pod_template_hash)
        except ApiError:
            share = None
        if share is not None:
            return TrafficShare(share, "the Rollout's status")
    ready = [sum(pod.status.ready for pod in pods) for pods in (stable, canary)]
    return TrafficShare(ready[1] / sum(ready), "the ready pods") if all(ready) else None


def routed_share(rollout: Mapping[str, object], canary_hash: str) -> float | None:
    """What a traffic router gives to the canary of that pod template hash; None without a router."""
    status, spec = mapping(rollout.get("status")), mapping(rollout.get("spec"))
    weights = mapping(mapping(status.get("canary")).get("weights"))
    canary = mapping(weights.get("canary"))
    routing = mapping(mapping(mapping(spec.get("strategy")).get("canary")).get("trafficRouting"))
    whole = _positive(routing.get("maxTrafficWeight")) or _USUAL_WEIGHT
    weight = canary.get("weight", 0 if canary else None)
    if not isinstance(weight, int) or isinstance(weight, bool) or not 0 <= weight <= whole:
        return None
    known = text(canary.get("podTemplateHash"))
    if canary_hash and known and known != canary_hash:
        return None
    return weight / whole


def _positive(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
