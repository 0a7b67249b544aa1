"""What a user installs, applied to a real API server with its admission: fields, rights, pod security."""

import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import manifests
import pytest
from control_plane import ControlPlane
from kube import Access, Json, KubeClient, KubeError, resource_of
from manifests import only, pod_of

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


def test_with_those_rights_the_agent_reads_what_it_judges_by(
    plane: ControlPlane, work: Path
) -> None:
    """The calls that it makes are the ones that its role allows."""
    with applied(plane, objects_of("agent", work)):
        admin = plane.client.access
        token = plane.client.token("kubernetes-agent", "argo-rollouts")
        with KubeClient(Access(admin.server, admin.ca, token)) as agent:
            assert agent.objects("Pod", "default", labels="role=canary") == []
            assert agent.objects("Event", "default", fields="involvedObject.kind=Pod") is not None
            with pytest.raises(KubeError) as refused:
                agent.log("none", "default")
            assert refused.value.status == 404, "the log may be read, but no pod has that name"
            with pytest.raises(KubeError) as refused:
                agent.objects("Secret", "default")
            assert refused.value.status == 403


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
