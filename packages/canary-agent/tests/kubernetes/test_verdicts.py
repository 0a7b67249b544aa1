"""From a cluster to a verdict, as a child process of the agent works it out."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from kubernetes_api import KubernetesApi, kubeconfig
from kubernetes_objects import container, event, pod, terminated

from canary_agent.cluster import ClusterSettings, cluster_analyser
from canary_agent.collect import CollectError
from canary_verdict import CanaryRequest, CanaryVerdict

MakeRequest = Callable[..., CanaryRequest]


@pytest.fixture
def judged(
    api: KubernetesApi, tmp_path: Path, request_for: MakeRequest
) -> Callable[[], CanaryVerdict]:
    def judge() -> CanaryVerdict:
        settings = ClusterSettings(
            kubeconfig=str(kubeconfig(tmp_path / "own", api)), allowed_namespaces=("prod",)
        )
        return cluster_analyser(settings)(request_for(), lambda: False)

    return judge


def lines(count: int, *more: str) -> list[tuple[datetime, str]]:
    """A service's log, of now; the agent's own clock is at work here."""
    now = datetime.now(UTC)
    served = [f"INFO GET /item/{n} status=200 duration={10 + n % 7}.5ms" for n in range(count)]
    return [(now, line) for line in (*served, *more)]


def two_sides(api: KubernetesApi, *, canary_more: tuple[str, ...] = ()) -> None:
    now = datetime.now(UTC)
    api.pods = [
        pod("shop-5d8f-a", started=now),
        pod("shop-5d8f-b", started=now),
        pod("shop-7c9b-a", pod_hash="7c9b", role="canary", started=now),
    ]
    api.log("shop-5d8f-a", "app", *lines(400))
    api.log("shop-5d8f-b", "app", *lines(400))
    api.log("shop-7c9b-a", "app", *lines(200, *canary_more))


def test_a_healthy_canary_is_promoted(
    api: KubernetesApi, judged: Callable[[], CanaryVerdict]
) -> None:
    two_sides(api)
    verdict = judged()
    assert verdict.verdict == "promote"
    assert verdict.coverage is not None
    assert (verdict.coverage.pods, verdict.coverage.containers) == (3, 3)
    assert verdict.coverage.gaps == ()


def test_errors_that_stable_has_not_roll_back(
    api: KubernetesApi, judged: Callable[[], CanaryVerdict]
) -> None:
    two_sides(api, canary_more=("ERROR cannot connect to 10.0.0.9:5432: connection refused",) * 60)
    verdict = judged()
    assert verdict.verdict == "rollback"
    assert "connection refused" in str(verdict.evidence)


def test_a_canary_that_crashes_again_and_again_rolls_back(
    api: KubernetesApi, judged: Callable[[], CanaryVerdict]
) -> None:
    two_sides(api)
    now = datetime.now(UTC)
    crashing = container(
        restarts=4,
        state={"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s"}},
        last=terminated(2, finished=now),
    )
    api.pods[2] = pod(
        "shop-7c9b-a", pod_hash="7c9b", role="canary", started=now, containers=[crashing]
    )
    api.log("shop-7c9b-a", "app", (now, "panic: no DATABASE_URL"), previous=True)
    api.events = [event("shop-7c9b-a", "BackOff", "Back-off restarting failed container")]
    verdict = judged()
    assert verdict.verdict == "rollback"
    assert "CrashLoopBackOff" in str(verdict.evidence)
    assert "no DATABASE_URL" in str(verdict.evidence)


def test_the_faults_of_another_rollout_are_not_held_against_ours(
    api: KubernetesApi, judged: Callable[[], CanaryVerdict]
) -> None:
    two_sides(api)
    api.pods.append(pod("cart-7c9b-a", rollout="cart", pod_hash="7c9b", role="canary"))
    api.log("cart-7c9b-a", "app", *lines(0, *["FATAL panic: everything is lost"] * 100))
    verdict = judged()
    assert verdict.verdict == "promote"
    assert verdict.coverage is not None
    assert [gap[:31] for gap in verdict.coverage.gaps] == ["pod cart-7c9b-a was left out: i"]


@pytest.mark.parametrize(
    ("pattern", "status"), [("/shop-7c9b-a/log", 403), ("/shop-5d8f-b/log", 404), ("/events", 403)]
)
def test_what_could_not_be_read_keeps_the_canary_from_being_promoted(
    api: KubernetesApi, judged: Callable[[], CanaryVerdict], pattern: str, status: int
) -> None:
    two_sides(api)
    api.refuse(pattern, status, "no")
    verdict = judged()
    assert verdict.verdict == "inconclusive"
    assert verdict.coverage is not None
    assert len(verdict.coverage.gaps) == 1


def test_a_canary_without_pods_is_inconclusive(
    api: KubernetesApi, judged: Callable[[], CanaryVerdict]
) -> None:
    two_sides(api)
    del api.pods[2]
    assert judged().verdict == "inconclusive"


def test_no_rights_at_all_are_no_verdict(
    api: KubernetesApi, judged: Callable[[], CanaryVerdict]
) -> None:
    api.refuse("/pods", 403, "pods is forbidden")
    with pytest.raises(CollectError, match="may not list pods"):
        judged()
