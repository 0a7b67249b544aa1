"""The whole way: a Rollout of the real controller, judged by what its pods really logged."""

import pytest
from control_plane import (
    Agent,
    ControlPlane,
    analysis_template,
    customers,
    rollout,
    service,
)
from kube import Json, Namespace

STEPS: list[Json] = [{"setWeight": 50}, {"analysis": {"templates": [{"templateName": "logs"}]}}]


@pytest.fixture
def shop(plane: ControlPlane, namespace: Namespace, agent: Agent) -> Json:
    """A healthy Rollout `shop` with customers, whose next release will be judged."""
    template = analysis_template(
        "logs", agent.url, {"policy": {"minLines": 100}, "timeout": "3m"}, initialDelay="8s"
    )
    namespace.apply(service("shop-stable", "shop"), service("shop-canary", "shop"), template)
    namespace.apply(rollout("shop", "shop:stable", STEPS))
    healthy = plane.wait_for_rollout(namespace, "shop", "Healthy")
    namespace.apply(customers("shop"))
    return healthy


def test_a_healthy_release_is_promoted(
    plane: ControlPlane, namespace: Namespace, shop: Json
) -> None:
    namespace.apply(rollout("shop", "shop:healthy", STEPS))
    run = plane.wait_for_analysis_run(namespace)
    assert run["status"]["phase"] == "Successful", plane.explain(namespace)
    promoted = plane.wait_for_rollout(namespace, "shop", "Healthy")
    assert promoted["status"]["stableRS"] != shop["status"]["stableRS"]


def test_a_faulty_release_is_aborted(plane: ControlPlane, namespace: Namespace, shop: Json) -> None:
    namespace.apply(rollout("shop", "shop:error-burst", STEPS))
    run = plane.wait_for_analysis_run(namespace)
    assert run["status"]["phase"] == "Failed", plane.explain(namespace)
    assert "rollback" in run["status"]["message"]
    aborted = plane.wait_for_rollout(namespace, "shop", "Degraded")
    assert aborted["status"]["abort"] is True
    assert aborted["status"]["stableRS"] == shop["status"]["stableRS"]
