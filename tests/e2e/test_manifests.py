"""What a user installs, applied to a real API server with its admission: fields and pod security."""

import shutil
import subprocess
import uuid
from pathlib import Path
from typing import Any

import manifests
import pytest
from control_plane import ControlPlane
from kube import Json, KubeClient, KubeError, resource_of
from manifests import CHARTS, objects_of, only, pod_of

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
EXAMPLE_FILES = sorted(
    path
    for path in (*manifests.EXAMPLES.rglob("*.yaml"), *manifests.CONFIG.rglob("*.example.yaml"))
    if "apiVersion:" in path.read_text()
)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kustomize")


@pytest.fixture(scope="module", autouse=True)
def demo(plane: ControlPlane) -> None:
    """The namespace of the demo; it stays, since one that was deleted cannot be made anew at once."""
    plane.client.apply(manifest_of("rollouts-demo"))


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
