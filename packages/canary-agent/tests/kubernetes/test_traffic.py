"""What part of the traffic the canary has, by the Rollout's status or by the pods."""

from collections.abc import Callable

import pytest
from kubernetes_api import KubernetesApi
from kubernetes_objects import Json, pod

from canary_agent.analysis import analyse
from canary_agent.collect import Sample, TrafficShare
from canary_agent.collect.kubernetes import KubernetesSource
from canary_verdict import CanaryRequest

Collected = Callable[..., Sample]

BY_PODS = TrafficShare(0.25, "the ready pods")


@pytest.fixture(autouse=True)
def three_to_one(api: KubernetesApi) -> None:
    api.pods = [pod(f"shop-5d8f-{name}") for name in "abc"]
    api.pods.append(pod("shop-7c9b-a", pod_hash="7c9b", role="canary"))


def rollout(weights: object, routing: object = None) -> Json:
    return {
        "metadata": {"namespace": "prod", "name": "shop"},
        "spec": {"strategy": {"canary": {"trafficRouting": routing or {}}}},
        "status": {"canary": {"weights": weights}},
    }


def test_the_rollout_says_what_its_router_was_told(
    api: KubernetesApi, collected: Collected
) -> None:
    api.rollouts = [rollout({"canary": {"weight": 5, "podTemplateHash": "7c9b"}})]
    assert collected().traffic == TrafficShare(0.05, "the Rollout's status")


def test_a_router_may_count_in_thousandths(api: KubernetesApi, collected: Collected) -> None:
    api.rollouts = [rollout({"canary": {"weight": 5}}, {"maxTrafficWeight": 1000})]
    assert collected().traffic == TrafficShare(0.005, "the Rollout's status")


def test_a_canary_without_traffic_has_none(api: KubernetesApi, collected: Collected) -> None:
    # A weight of 0 is left out of the JSON.
    api.rollouts = [rollout({"canary": {"podTemplateHash": "7c9b"}})]
    assert collected().traffic == TrafficShare(0.0, "the Rollout's status")


@pytest.mark.parametrize(
    "weights",
    [
        None,
        [],
        {"canary": {"weight": 5, "podTemplateHash": "another"}},
        {"canary": {"weight": 101}},
        {"canary": {"weight": -1}},
        {"canary": {"weight": "5"}},
        {"canary": {"weight": True}},
    ],
)
def test_without_a_weight_that_can_be_used_the_ready_pods_count(
    api: KubernetesApi, collected: Collected, weights: object
) -> None:
    api.rollouts = [rollout(weights)]
    assert collected().traffic == BY_PODS


@pytest.mark.parametrize("status", [403, 404, 500])
def test_rollouts_are_an_optional_right(
    api: KubernetesApi, collected: Collected, status: int
) -> None:
    api.refuse("/rollouts/", status, "rollouts.argoproj.io is forbidden")
    sample = collected()
    assert sample.traffic == BY_PODS
    assert not [gap for gap in sample.gaps if "rollout" in gap.text.lower()]


def test_a_run_without_a_rollout_asks_for_none(api: KubernetesApi, collected: Collected) -> None:
    assert collected(rollout="", pod_hash="").traffic == BY_PODS
    assert not api.calls("/rollouts")


def test_a_side_without_a_ready_pod_has_no_share(api: KubernetesApi, collected: Collected) -> None:
    api.pods = api.pods[:3]
    assert collected().traffic is None


def test_the_verdict_says_the_share(
    api: KubernetesApi,
    source: Callable[..., KubernetesSource],
    request_for: Callable[..., CanaryRequest],
) -> None:
    api.rollouts = [rollout({"canary": {"weight": 5}})]
    verdict = analyse(request_for(), source(), lambda: False)
    assert "5 % of the traffic by the Rollout's status" in verdict.analysis
