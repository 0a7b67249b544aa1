"""The accounts that a user's manifests make: what they may do, by the API server's own word."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import manifests
import pytest
from control_plane import ControlPlane
from kube import Access, Json, KubeClient, Namespace, kubeconfig_of
from manifests import objects_of

from canary_agent.collect.kubernetes import Access as AgentAccess
from canary_agent.collect.kubernetes import KubernetesSource
from canary_verdict import CanaryRequest, Run, Selection

# Beside what every account may do: ask about itself.
OF_EVERYBODY = {"authorization.k8s.io", "authentication.k8s.io"}
AGENT_RIGHTS = {("list", "pods"), ("list", "events"), ("get", "pods/log")}


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kustomize")


@pytest.fixture(scope="module", autouse=True)
def demo(plane: ControlPlane) -> None:
    """The namespace that config/agent/some-namespaces names; it stays, since others may use it."""
    metadata = {"name": "rollouts-demo"}
    plane.client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})


@contextmanager
def applied(plane: ControlPlane, objects: list[Json]) -> Iterator[None]:
    """Accounts, roles and bindings that are there meanwhile."""
    kinds = {"ServiceAccount", "ClusterRole", "Role", "ClusterRoleBinding", "RoleBinding"}
    rights = [one for one in objects if one["kind"] in kinds]
    plane.client.apply(*rights)
    try:
        yield
    finally:
        for one in rights:
            metadata = one["metadata"]
            plane.client.delete(one["kind"], metadata["name"], metadata.get("namespace", ""))


def rights_of(plane: ControlPlane, account: str, namespace: str) -> set[tuple[str, str]]:
    """All that an account of argo-rollouts may do in a namespace, as the API server tells it."""
    admin = plane.client.access
    token = plane.client.token(account, "argo-rollouts")
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": namespace},
    }
    with KubeClient(Access(admin.server, admin.ca, token)) as itself:
        path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
        status = itself.call("POST", path, json=review)["status"]
    assert not status["incomplete"]
    found = {
        (verb, resource)
        for rule in status["resourceRules"]
        if not OF_EVERYBODY & set(rule["apiGroups"])
        for verb in rule["verbs"]
        for resource in rule["resources"]
    }
    for verb, resource in found | {("get", "secrets"), ("get", "pods/log"), ("create", "pods")}:
        if resource in {"pods", "pods/log", "events", "secrets"}:
            allowed = may(plane, account, namespace, verb, resource)
            assert allowed == ((verb, resource) in found), (verb, resource)
    return found


def may(plane: ControlPlane, account: str, namespace: str, verb: str, resource: str) -> bool:
    """The API server's own decision about one call of the core API."""
    name, _, subresource = resource.partition("/")
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {
            "user": f"system:serviceaccount:argo-rollouts:{account}",
            "groups": ["system:serviceaccounts", "system:authenticated"],
            "resourceAttributes": {
                "namespace": namespace,
                "verb": verb,
                "resource": name,
                "subresource": subresource,
            },
        },
    }
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    allowed: bool = plane.client.call("POST", path, json=review)["status"]["allowed"]
    return allowed


@pytest.mark.parametrize("name", ["agent", "agent/postgresql", "chart"])
def test_the_agent_may_do_what_it_must_everywhere_and_nothing_else(
    name: str, plane: ControlPlane, work: Path
) -> None:
    with applied(plane, objects_of(name, work)):
        for namespace in ("default", "argo-rollouts"):
            assert rights_of(plane, "kubernetes-agent", namespace) == AGENT_RIGHTS


@pytest.mark.parametrize("name", ["agent/some-namespaces", "chart, all options"])
def test_the_agent_of_some_namespaces_may_nothing_in_others(
    name: str, plane: ControlPlane, work: Path
) -> None:
    with applied(plane, objects_of(name, work)):
        assert rights_of(plane, "kubernetes-agent", "rollouts-demo") == AGENT_RIGHTS
        assert rights_of(plane, "kubernetes-agent", "default") == set()


@pytest.mark.parametrize("name", ["agent", "chart"])
def test_with_those_rights_the_agent_reads_all_that_it_judges_by(
    name: str, plane: ControlPlane, namespace: Namespace, work: Path, tmp_path: Path
) -> None:
    """The agent's own collector, with the account of the manifests: nothing is missing."""
    for side in ("stable", "canary"):
        namespace.apply(shop_pod(side))
    plane.wait_until(
        "pods that have logged",
        lambda: all(has_logged(namespace, side) for side in ("stable", "canary")),
        namespace,
    )
    with applied(plane, objects_of(name, work)):
        admin = plane.client.access
        token = plane.client.token("kubernetes-agent", "argo-rollouts")
        kubeconfig = tmp_path / "kubeconfig"
        kubeconfig.write_text(kubeconfig_of(Access(admin.server, admin.ca, token)))
        source = KubernetesSource(AgentAccess(str(kubeconfig)), ("*",))
        sample = source.collect(question(namespace.name), lambda: False)
    assert [gap.text for gap in sample.gaps if gap.blocking] == []
    for part in (sample.stable, sample.canary):
        assert [pod.phase for pod in part.pods] == ["Running"]
        assert part.events
        (log,) = part.logs
        assert b"listening on" in b"".join(log.read())


def has_logged(namespace: Namespace, pod: str) -> bool:
    running = namespace.get("Pod", pod).get("status", {}).get("phase") == "Running"
    return running and "listening on" in namespace.log(pod)


def shop_pod(side: str) -> Json:
    address = {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}
    shop = {"name": "shop", "image": "shop:stable", "env": [address]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": side, "labels": {"role": side}},
        "spec": {"containers": [shop]},
    }


def question(namespace: str) -> CanaryRequest:
    return CanaryRequest(
        run=Run(uid="uid", name="run", namespace=namespace, metric="ai-analysis"),
        rollout="",
        stable=Selection("role=stable"),
        canary=Selection("role=canary"),
        window=600,
        deadline=datetime.now(UTC) + timedelta(minutes=10),
        lease_seconds=180,
    )


def test_attached_logs_need_the_component_and_nothing_more(plane: ControlPlane, work: Path) -> None:
    """The official install's account lists pods and watches AnalysisRuns, and reads no logs."""
    before = rights_of(plane, "argo-rollouts", "default")
    assert {("list", "pods"), ("watch", "analysisruns")} <= before
    assert ("get", "pods/log") not in before
    component = manifests.CONFIG / "argo-rollouts" / "components" / "attach-logs" / "rbac.yaml"
    with applied(plane, manifests.documents(component.read_text())):
        assert rights_of(plane, "argo-rollouts", "default") - before == {("get", "pods/log")}
