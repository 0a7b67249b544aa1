"""A cluster on loopback, and sources that read it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from kubernetes_api import KubernetesApi, kubeconfig, serving
from kubernetes_objects import NOW

from canary_agent.collect import Sample
from canary_agent.collect.kubernetes import Access, KubernetesLimits, KubernetesSource
from canary_verdict import CanaryRequest, Policy, Run, Selection

# Failures are tried again after fractions of a second here.
QUICK = KubernetesLimits(attempts=2, call_seconds=5.0, total_seconds=30.0)


@pytest.fixture(autouse=True)
def no_cluster_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def api() -> Iterator[KubernetesApi]:
    with serving() as cluster:
        yield cluster


@pytest.fixture
def request_for() -> Callable[..., CanaryRequest]:
    def make(
        *,
        rollout: str = "shop",
        namespace: str = "prod",
        stable: str = "role=stable",
        canary: str = "role=canary",
        pod_hash: str = "7c9b",
        window: float = 600.0,
        policy: Policy | None = None,
    ) -> CanaryRequest:
        return CanaryRequest(
            run=Run("uid-1", "run", namespace, "metric"),
            rollout=rollout,
            stable=Selection(stable),
            canary=Selection(canary, pod_hash),
            window=window,
            deadline=datetime.fromisoformat("2036-01-31T00:00:00Z"),
            lease_seconds=180,
            policy=policy or Policy(),
        )

    return make


@pytest.fixture
def source(api: KubernetesApi, tmp_path: Path) -> Callable[..., KubernetesSource]:
    """A source for `api`; its clock stands five minutes after `NOW`."""

    def make(
        limits: KubernetesLimits = QUICK,
        access: Access | None = None,
        allowed: tuple[str, ...] = (),
    ) -> KubernetesSource:
        access = access or Access(str(kubeconfig(tmp_path / "config", api)))
        return KubernetesSource(access, allowed, limits, lambda: NOW + timedelta(minutes=5))

    return make


@pytest.fixture
def collected(
    source: Callable[..., KubernetesSource], request_for: Callable[..., CanaryRequest]
) -> Callable[..., Sample]:
    """Collects what a request with these fields speaks of."""

    def collect(limits: KubernetesLimits = QUICK, **fields: object) -> Sample:
        return source(limits).collect(request_for(**fields), lambda: False)

    return collect
