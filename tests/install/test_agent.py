"""config/agent and the chart say what `canary-agent serve` reads, and what it needs."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import manifests
import pytest
import yaml
from manifests import Json, environment_of, only, pod_of
from running import wait_for

from canary_agent import cli
from canary_agent.server import paths
from canary_agent.settings import PREFIX, SettingsError, read_state, read_token

Build = Callable[[str], list[Json]]

KUSTOMIZED = ("agent", "agent/some-namespaces", "agent/postgresql")
CHARTS = {
    "chart": (),
    "chart, some namespaces": (
        "--set=rbac.clusterWide=false",
        "--set=rbac.namespaces={shop,cart}",
    ),
    "chart, postgresql": ("--set=state.type=postgresql", "--set=replicas=2"),
    "chart, every setting": (
        "--set=settings.concurrency=8",
        "--set=settings.keepCount=200000",
        "--set=settings.keepDays=30",
        "--set=settings.maxRequest=16",
        "--set=settings.publicUrl=https://agent.example:8443",
    ),
}
ALL = (*KUSTOMIZED, *CHARTS)
READ_ELSEWHERE = {"STATE", "TOKEN", "INSECURE"}
"""Variables of the agent that are no option with a value of its own."""


@pytest.fixture(params=ALL)
def objects(request: pytest.FixtureRequest, build: Build) -> list[Json]:
    name: str = request.param
    return manifests.rendered(*CHARTS[name]) if name in CHARTS else build(name)


def agent_pod(objects: list[Json]) -> Json:
    return pod_of(only(objects, "Deployment"))


def container_of(objects: list[Json]) -> Json:
    (container,) = agent_pod(objects)["containers"]
    found: Json = container
    return found


def test_the_agent_reads_every_variable(objects: list[Json]) -> None:
    known = {PREFIX + name.upper() for name in {*cli._OPTIONS, *READ_ELSEWHERE}}
    assert set(environment_of(container_of(objects))) <= known


def test_the_agent_takes_every_value(objects: list[Json], tmp_path: Path) -> None:
    with_files = placed(environment_of(container_of(objects)), tmp_path)
    arguments = cli._parser().parse_args(container_of(objects)["args"])
    settings = cli._settings(arguments, with_files | {"KUBERNETES_SERVICE_HOST": "127.0.0.1"})
    settings.check()
    assert settings.host == "0.0.0.0"
    assert settings.token == "word"
    assert settings.grace < agent_pod(objects)["terminationGracePeriodSeconds"]


def test_probes_and_ports_are_the_program_s(objects: list[Json]) -> None:
    container = container_of(objects)
    probes = {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness")}
    assert {probe["path"] for probe in probes.values()} == {paths.ALIVE}
    assert container["readinessProbe"]["httpGet"]["path"] == paths.READY
    (port,) = container["ports"]
    assert str(port["containerPort"]) == environment_of(container)["CANARY_AGENT_PORT"]
    (service_port,) = only(objects, "Service")["spec"]["ports"]
    assert service_port["targetPort"] == port["name"]


def test_it_is_found_at_the_address_of_the_product_s_examples(objects: list[Json]) -> None:
    service = only(objects, "Service")
    metadata = service["metadata"]
    (port,) = service["spec"]["ports"]
    found = (metadata["name"], metadata["namespace"], port["port"])
    assert found == ("kubernetes-agent", "argo-rollouts", 8080)
    labels = only(objects, "Deployment")["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()


def test_every_volume_that_is_written_to_is_one_and_the_root_is_not(objects: list[Json]) -> None:
    container = container_of(objects)
    assert container["securityContext"]["readOnlyRootFilesystem"]
    mounts = {one["mountPath"]: one for one in container["volumeMounts"]}
    assert set(mounts) >= {"/tmp"}
    environment = environment_of(container)
    state = environment.get("CANARY_AGENT_STATE") or environment["CANARY_AGENT_STATE_URL_FILE"]
    for path in (state, environment["CANARY_AGENT_TOKEN_FILE"]):
        assert str(Path(path).parent) in mounts
    volumes = {one["name"] for one in agent_pod(objects)["volumes"]}
    assert {one["name"] for one in mounts.values()} == volumes


def test_a_file_is_never_shared(objects: list[Json]) -> None:
    spec = only(objects, "Deployment")["spec"]
    if "CANARY_AGENT_STATE" in environment_of(container_of(objects)):
        assert spec["replicas"] == 1
        assert spec["strategy"] == {"type": "Recreate"}
        only(objects, "PersistentVolumeClaim")
    else:
        assert spec["replicas"] == 2
        assert spec["strategy"] == {"type": "RollingUpdate"}
        only(objects, "PodDisruptionBudget")
        assert not [one for one in objects if one["kind"] == "PersistentVolumeClaim"]


def test_it_may_read_where_it_is_told_to_and_nowhere_else(objects: list[Json]) -> None:
    allowed = environment_of(container_of(objects))["CANARY_AGENT_ALLOWED_NAMESPACES"]
    role = only(objects, "ClusterRole")
    bindings = [one for one in objects if one["kind"].endswith("Binding")]
    where = ",".join(one["metadata"].get("namespace", "*") for one in bindings)
    assert where == allowed
    kind = "ClusterRoleBinding" if allowed == "*" else "RoleBinding"
    for binding in bindings:
        assert binding["kind"] == kind
        assert binding["roleRef"]["name"] == role["metadata"]["name"]
        account = only(objects, "ServiceAccount")["metadata"]
        (subject,) = binding["subjects"]
        assert (subject["name"], subject["namespace"]) == (account["name"], account["namespace"])
    assert role["rules"] == [
        {"apiGroups": [""], "resources": ["pods", "events"], "verbs": ["list"]},
        {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]},
    ]


def test_it_may_read_rollouts_where_it_is_told_to(build: Build, work: Path) -> None:
    plain = build("agent")
    overlay = work / "config" / "reading-rollouts" / "kustomization.yaml"
    overlay.parent.mkdir()
    overlay.write_text("resources: [../agent]\ncomponents: [../agent/components/read-rollouts]\n")
    rule = {"apiGroups": ["argoproj.io"], "resources": ["rollouts"], "verbs": ["get"]}
    without = only(plain, "ClusterRole")["rules"]
    assert only(build("reading-rollouts"), "ClusterRole")["rules"] == [*without, rule]
    chart = only(manifests.rendered("--set=rbac.readRollouts=true"), "ClusterRole")["rules"]
    assert chart == [*only(manifests.rendered(), "ClusterRole")["rules"], rule]


def test_only_the_controller_may_call_it(objects: list[Json], build: Build) -> None:
    policy = only(objects, "NetworkPolicy")["spec"]
    (rule,) = policy["ingress"]
    (source,) = rule["from"]
    controller = only(build("argo-rollouts"), "Deployment")["spec"]["template"]["metadata"]
    assert source["podSelector"]["matchLabels"].items() <= controller["labels"].items()
    labels = only(objects, "Deployment")["spec"]["template"]["metadata"]["labels"]
    assert policy["podSelector"]["matchLabels"].items() <= labels.items()


def test_chart_and_kustomize_make_the_same_pod(build: Build) -> None:
    """Apart from what the chart says more of: pull policy, and settings at their defaults."""
    ours, theirs = agent_pod(build("agent")), agent_pod(manifests.rendered())
    (our,), (their,) = ours.pop("containers"), theirs.pop("containers")
    assert their.pop("imagePullPolicy") == "IfNotPresent"
    assert environment_of(our).items() <= environment_of(their).items()
    for container in (our, their):
        del container["env"]
        container["volumeMounts"].sort(key=lambda one: one["name"])
    for pod in (ours, theirs):
        pod["volumes"].sort(key=lambda one: one["name"])
    assert our == their
    assert ours == theirs


@pytest.mark.parametrize("path", ["agent/token-secret", "rollouts-examples/secrets"])
def test_the_agent_refuses_the_secret_that_nobody_filled_in(path: str, tmp_path: Path) -> None:
    (secret,) = manifests.documents((manifests.CONFIG / f"{path}.example.yaml").read_text())
    assert secret["metadata"]["name"] == "kubernetes-agent-token"
    file = tmp_path / "token"
    file.write_text(secret["stringData"]["token"])
    with pytest.raises(SettingsError, match="expected one word"):
        read_token({}, str(file))


def test_the_database_s_secret_has_the_key_and_a_url_that_the_agent_reads(
    build: Build, tmp_path: Path
) -> None:
    path = manifests.CONFIG / "agent" / "postgresql-secret.example.yaml"
    secret = yaml.safe_load(path.read_text())
    volumes = {one["name"]: one for one in agent_pod(build("agent/postgresql"))["volumes"]}
    mounted = volumes["state-url"]["secret"]
    assert mounted["secretName"] == secret["metadata"]["name"]
    assert [one["key"] for one in mounted["items"]] == list(secret["stringData"])
    file = tmp_path / "url"
    file.write_text(secret["stringData"]["url"])
    state = read_state({}, "", str(file))
    assert state.startswith("postgresql://")


def placed(environment: dict[str, str], root: Path) -> dict[str, str]:
    """The same variables, with their files below `root`, where the Secrets' files lie."""
    files = {
        "CANARY_AGENT_TOKEN_FILE": "word",
        "CANARY_AGENT_STATE_URL_FILE": "postgresql://canary@127.0.0.1:1/canary",
        "CANARY_AGENT_STATE": None,
    }
    found = dict(environment)
    for name, content in files.items():
        if name in found:
            path = root / found[name].lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            if content:
                path.write_text(content)
            found[name] = str(path)
    return found


@contextmanager
def started(container: Json, root: Path) -> Iterator[str]:
    """The container's process, with nothing but its own environment; its address."""
    log = root / "log"
    environment = placed(environment_of(container), root) | {
        "CANARY_AGENT_HOST": "127.0.0.1",
        "CANARY_AGENT_PORT": "0",
        "KUBERNETES_SERVICE_HOST": "127.0.0.1",
        "PATH": os.environ["PATH"],
        "TMPDIR": str(root),
        "HOME": "/nonexistent",
    }
    program = Path(sys.executable).with_name("canary-agent")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program, *container["args"]],
            env=environment,
            cwd=root,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )

    def listening() -> re.Match[str] | None:
        assert process.poll() is None, log.read_text()
        return re.search(r"http://127\.0\.0\.1:\d+", log.read_text())

    try:
        yield wait_for(listening)[0]
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            assert process.wait(20) == 0, log.read_text()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def test_the_container_starts_and_its_probes_answer(build: Build, tmp_path: Path) -> None:
    container = container_of(build("agent"))
    with started(container, tmp_path) as url, httpx2.Client(base_url=url, trust_env=False) as agent:
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            assert agent.get(container[probe]["httpGet"]["path"]).status_code == 200
        assert agent.get("/a2a/health").status_code == 200
        assert agent.post("/", json={}).status_code == 401
        answer = agent.post("/", json={}, headers={"Authorization": "Bearer word"})
        assert answer.status_code == 200
    state = environment_of(container)["CANARY_AGENT_STATE"]
    assert (tmp_path / state.lstrip("/")).is_file()
