"""What a user installs, applied to a real API server with its admission: fields, rights, pod security."""

import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import manifests
import pytest
from control_plane import ControlPlane
from kube import Access, Json, KubeClient, KubeError, Namespace, kubeconfig_of, resource_of
from manifests import only, pod_of

from canary_agent.collect.kubernetes import Access as AgentAccess
from canary_agent.collect.kubernetes import KubernetesSource
from canary_verdict import CanaryRequest, Run, Selection

EVERYTHING = (
    "argo-rollouts",
    "argo-rollouts/by-url",
    "argo-rollouts/controller-image",
    "agent",
    "agent/some-namespaces",
    "agent/postgresql",
    "rollouts-examples",
    "rollouts-examples/blue-green",
)
CHARTS = {
    "chart": (),
    "chart, postgresql": ("--set=state.type=postgresql", "--set=replicas=2"),
    "chart, all options": (
        "--set=rbac.clusterWide=false",
        "--set=rbac.namespaces={rollouts-demo}",
        "--set=plugin.attachLogs.enabled=true",
        "--set=plugin.configMap.create=true",
        "--set=networkPolicy.controller.namespace=argo",
        "--set=podAnnotations.a=b",
        "--set=nodeSelector.kubernetes\\.io/os=linux",
        "--set=priorityClassName=system-cluster-critical",
        "--set=service.annotations.a=b",
    ),
}
# Beside what every account may do: ask about itself.
OF_EVERYBODY = {"authorization.k8s.io", "authentication.k8s.io"}
AGENT_RIGHTS = {("list", "pods"), ("list", "events"), ("get", "pods/log")}
EXAMPLE_FILES = sorted(
    path
    for path in (*manifests.EXAMPLES.rglob("*.yaml"), *manifests.CONFIG.rglob("*.example.yaml"))
    if "apiVersion:" in path.read_text()
)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kustomize")


def objects_of(name: str, work: Path) -> list[Json]:
    if name in CHARTS:
        return manifests.rendered(*CHARTS[name])
    return manifests.kustomized(name, work)


@pytest.fixture(scope="module", autouse=True)
def demo(plane: ControlPlane) -> Iterator[None]:
    """The namespace of the demo; a namespace that has been deleted cannot be made anew at once."""
    plane.client.apply(manifest_of("rollouts-demo"))
    yield
    plane.client.delete("Namespace", "rollouts-demo")


def manifest_of(namespace: str, **labels: str) -> Json:
    metadata = {"name": namespace, "labels": labels}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def dry_run(client: KubeClient, manifest: Json, namespace: str = "") -> tuple[Json, list[str]]:
    """Server-side apply with strict fields, of which nothing stays; what the server made of it.

    Returns:
        The object, and the warnings.
    """
    place = manifest["metadata"].get("namespace") or namespace
    path = resource_of(manifest["kind"], manifest["apiVersion"]).path(
        place, manifest["metadata"]["name"]
    )
    answer = client._answer(
        "PATCH",
        path,
        json=manifest,
        params={
            "fieldManager": "metric-ai-user",
            "force": "true",
            "dryRun": "All",
            "fieldValidation": "Strict",
        },
        headers={"Content-Type": "application/apply-patch+yaml"},
    )
    made: Json = answer.json()
    return made, answer.headers.get_list("Warning")


@pytest.mark.parametrize("name", [*EVERYTHING, *CHARTS])
def test_every_manifest_is_taken_with_all_its_fields(
    name: str, plane: ControlPlane, work: Path
) -> None:
    for manifest in objects_of(name, work):
        made, warnings = dry_run(plane.client, manifest)
        assert made["kind"] == manifest["kind"]
        assert warnings == [], manifest["metadata"]["name"]


@pytest.mark.parametrize(
    "path", EXAMPLE_FILES, ids=lambda path: str(path.relative_to(manifests.ROOT))
)
def test_every_example_is_taken(path: Path, plane: ControlPlane) -> None:
    for manifest in manifests.documents(path.read_text()):
        _, warnings = dry_run(plane.client, manifest, "rollouts-demo")
        assert warnings == []


def test_a_field_that_is_none_would_be_refused(plane: ControlPlane, work: Path) -> None:
    """The tests above can fail: the server looks at every field."""
    service = only(objects_of("agent", work), "Service")
    service["spec"]["portz"] = []
    with pytest.raises(KubeError, match="portz"):
        dry_run(plane.client, service)


@pytest.mark.parametrize("name", [*EVERYTHING, *CHARTS])
def test_every_pod_keeps_to_the_restricted_standard(
    name: str, plane: ControlPlane, work: Path
) -> None:
    restricted = f"restricted-{uuid.uuid4().hex[:8]}"
    standard = {"pod-security.kubernetes.io/enforce": "restricted"}
    workloads = [one for one in objects_of(name, work) if one["kind"] in {"Deployment", "Rollout"}]
    assert workloads
    plane.client.apply(manifest_of(restricted, **standard))
    try:
        for workload in workloads:
            dry_run(plane.client, pod_from(workload, restricted))
        loose = pod_from(workloads[0], restricted)
        loose["spec"]["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = True
        with pytest.raises(KubeError, match='violates PodSecurity "restricted'):
            dry_run(plane.client, loose)
    finally:
        plane.client.delete("Namespace", restricted)


def pod_from(workload: Json, namespace: str) -> Json:
    spec = pod_of(workload) | {"priorityClassName": ""}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "pod", "namespace": namespace},
        "spec": {key: value for key, value in spec.items() if value != ""},
    }


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
    for side in (sample.stable, sample.canary):
        assert [pod.phase for pod in side.pods] == ["Running"]
        assert side.events
        (log,) = side.logs
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


def test_kubectl_applies_the_agent_as_the_readme_says(plane: ControlPlane, work: Path) -> None:
    """`kubectl apply --server-side -k`, with the kubectl that was built for these tests."""
    manifests.kustomized("agent", work)
    kubectl = plane.programs.path("kubectl")
    command: list[Any] = [kubectl, f"--kubeconfig={plane.kubeconfig}"]

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [*command, *arguments, "-k", str(work / "config" / "agent")],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    try:
        said = run("apply", "--server-side")
        assert "deployment.apps/kubernetes-agent serverside-applied" in said
        deployment = plane.client.get("Deployment", "kubernetes-agent", "argo-rollouts")
        assert deployment["spec"]["strategy"] == {"type": "Recreate"}
    finally:
        run("delete", "--ignore-not-found", "--wait=false")
        shutil.rmtree(work / "config")
