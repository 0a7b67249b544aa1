"""The command `metric-ai` at a real API server: what a person sees, and that nothing is left behind."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from control_plane import Agent, ControlPlane, analysis_template
from kube import Access, Json, Namespace, kubeconfig_of
from running import plugin_file

_PROGRAM = Path(sys.executable).with_name("metric-ai")
_SECONDS = 120


class Terminal:
    """Types commands into a pipe, as the cluster's admin or as somebody else."""

    def __init__(self, kubeconfig: Path, namespace: str = "") -> None:
        self._kubeconfig = kubeconfig
        self._namespace = namespace

    def type(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        environment = os.environ | {
            "KUBECONFIG": str(self._kubeconfig),
            "METRIC_AI_PLUGIN": str(plugin_file()),
        }
        where = ["-n", self._namespace] if self._namespace else []
        return subprocess.run(
            [_PROGRAM, *words, *where],
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )


@pytest.fixture(scope="module")
def shop(plane: ControlPlane) -> Iterator[Namespace]:
    """A stable pod, and a canary that ends again and again."""
    with plane.namespace("terminal") as namespace:
        namespace.apply(pod("shop-1", "stable", "stable"), pod("shop-2", "canary", "crash-loop"))
        plane.wait_until("crash loop", lambda: restarts(namespace) >= 3, namespace)
        yield namespace


@pytest.fixture(scope="module")
def judge(plane: ControlPlane) -> Iterator[Agent]:
    with plane.agent("agent-terminal") as agent:
        yield agent


@pytest.fixture(scope="module")
def template(shop: Namespace, judge: Agent) -> Json:
    (made,) = shop.apply(analysis_template("logs", judge.url, {}))
    return made


@pytest.fixture
def terminal(plane: ControlPlane, shop: Namespace) -> Terminal:
    return Terminal(plane.kubeconfig, shop.name)


def pod(name: str, side: str, version: str) -> Json:
    address = {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}
    container = {"name": "shop", "image": f"shop:{version}", "env": [address]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"role": side}},
        "spec": {"containers": [container], "terminationGracePeriodSeconds": 1},
    }


def restarts(namespace: Namespace) -> int:
    statuses = namespace.get("Pod", "shop-2").get("status", {}).get("containerStatuses", [])
    return sum(one["restartCount"] for one in statuses)


def test_try_measures_as_the_controller_would_and_creates_nothing(
    terminal: Terminal, shop: Namespace, template: Json
) -> None:
    before = {kind: shop.objects(kind) for kind in ("AnalysisRun", "Event")}
    done = terminal.type("try", template["metadata"]["name"], "-o", "json")
    assert done.returncode == 1, done.stderr
    measurement = json.loads(done.stdout)
    assert measurement["phase"] == "Failed"
    assert measurement["value"] == "0"
    assert measurement["metadata"]["verdict"] == "rollback"
    assert shop.objects("AnalysisRun") == before["AnalysisRun"] == []


def test_try_carries_logs_along_where_the_stanza_says_so(
    terminal: Terminal, judge: Agent, tmp_path: Path
) -> None:
    manifest = analysis_template("attached", judge.url, {"attachLogs": True})
    path = tmp_path / "template.yaml"
    path.write_text(yaml.safe_dump(manifest))
    done = terminal.type("try", str(path), "-o", "json")
    assert done.returncode == 1, done.stderr + done.stdout
    metadata = json.loads(done.stdout)["metadata"]
    assert metadata["verdict"] == "rollback"
    assert json.loads(metadata["coverage"])["pods"] == 2


def test_explain_says_what_the_controller_was_told(
    plane: ControlPlane, terminal: Terminal, shop: Namespace, template: Json
) -> None:
    run = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AnalysisRun",
        "metadata": {"name": "told"},
        "spec": {"metrics": template["spec"]["metrics"]},
    }
    try:
        shop.apply(run)
        plane.wait_for_analysis_run(shop, phases={"Failed"})
        done = terminal.type("explain")
        mistyped = terminal.type("explain", "tolt")
    finally:
        shop.delete("AnalysisRun", "told")
    assert done.returncode == 1, done.stderr
    for said in ("AnalysisRun told", "ROLLBACK", "why", "to do", "e1  hard", "next: mend what"):
        assert said in done.stdout
    assert mistyped.returncode == 4
    assert "did you mean told?" in mistyped.stderr


def test_analyze_judges_the_pods_themselves(terminal: Terminal, tmp_path: Path) -> None:
    saved = tmp_path / "canary.zip"
    asked = ("analyze", "--stable", "role=stable", "--canary", "role=canary")
    done = terminal.type(*asked, "--save", str(saved), "-o", "json")
    assert done.returncode == 1, done.stderr
    verdict = json.loads(done.stdout)
    assert verdict["verdict"] == "rollback"
    assert verdict["coverage"]["pods"] == 2
    again = Terminal(Path("/nonexistent")).type("analyze", str(saved), "-o", "json")
    assert json.loads(again.stdout) == verdict


def test_check_asks_cluster_and_agent(
    terminal: Terminal, judge: Agent, template: Json, tmp_path: Path
) -> None:
    right = yaml.safe_dump(template)
    done = terminal.type("check", "--online", "-", stdin=right)
    assert done.returncode == 0, done.stdout
    assert done.stdout == ""
    wrong = tmp_path / "wrong.yaml"
    stanza = {"stableLabel": "role=stabel", "agentUrl": "http://127.0.0.1:9"}
    wrong.write_text(yaml.safe_dump(analysis_template("wrong", judge.url, stanza)))
    done = terminal.type("check", "--online", str(wrong))
    assert done.returncode == 1
    assert "role=stabel matches no pod" in done.stdout
    assert "http://127.0.0.1:9: does not answer" in done.stdout


def test_the_doctor_goes_through_the_installation(
    plane: ControlPlane, terminal: Terminal, judge: Agent, template: Json
) -> None:
    done = terminal.type("doctor", "--agent-account", "argo-rollouts/canary-agent", "-o", "json")
    found = json.loads(done.stdout)
    text = {state: [str(one) for one in found if one["state"] == state] for state in states(found)}
    # The controller is a process here, so its Deployment is what is missing.
    assert done.returncode == 1
    (error,) = [one for one in found if one["state"] == "error"]
    assert error["about"] == "Argo Rollouts"
    assert "--argo-namespace" in error["advice"]
    right = " ".join(text["ok"])
    for said in (
        "Kubernetes v1.",
        "argo-rollouts-config",
        "logs",
        "may read pods",
        "serves its card",
    ):
        assert said in right
    assert judge.url in right


def test_the_doctor_finds_an_agent_without_rights(plane: ControlPlane, judge: Agent) -> None:
    with plane.namespace("barred") as namespace:
        namespace.delete("RoleBinding", "canary-agent")
        namespace.apply(analysis_template("logs", judge.url, {}))
        account = "argo-rollouts/canary-agent"
        done = Terminal(plane.kubeconfig, namespace.name).type("doctor", "--agent-account", account)
    assert done.returncode == 1
    assert "lacks in namespace" in done.stdout
    assert "to do: bind its ClusterRole" in done.stdout


def test_an_account_without_rights_is_told_which_one_is_missing(
    plane: ControlPlane, shop: Namespace, template: Json, tmp_path: Path
) -> None:
    poor = account_of(plane, tmp_path, plane.client.token("default", shop.name), shop.name)
    for words in (("explain",), ("try", "logs")):
        done = poor.type(*words)
        assert done.returncode == 4, done.stdout
        assert "forbidden" in done.stderr
        assert "next: " in done.stderr


def test_logs_that_are_refused_are_named_and_what_decides_still_does(
    plane: ControlPlane, shop: Namespace, tmp_path: Path
) -> None:
    """A 403 to logs alone: the crash loop is seen without them, and what was not read is named."""
    rules = [{"apiGroups": [""], "resources": ["pods", "events"], "verbs": ["list"]}]
    rights = "rbac.authorization.k8s.io"
    role = {"apiVersion": f"{rights}/v1", "kind": "Role", "metadata": {"name": "no-logs"}}
    subject = {"kind": "ServiceAccount", "name": "default", "namespace": shop.name}
    reference = {"apiGroup": rights, "kind": "Role", "name": "no-logs"}
    binding = {**role, "kind": "RoleBinding", "roleRef": reference, "subjects": [subject]}
    shop.apply({**role, "rules": rules}, binding)
    poor = account_of(plane, tmp_path, plane.client.token("default", shop.name), shop.name)
    try:
        done = poor.type("analyze", "--stable", "role=stable", "--canary", "role=canary")
    finally:
        shop.delete("RoleBinding", "no-logs")
    assert done.returncode == 1, done.stdout
    assert "not read" in done.stdout
    assert "forbidden" in done.stdout


def test_an_expired_token_is_told_as_one(
    plane: ControlPlane, shop: Namespace, tmp_path: Path
) -> None:
    done = account_of(plane, tmp_path, "expired", shop.name).type("doctor")
    assert done.returncode == 4
    assert "does not accept the credentials" in done.stderr
    assert "log in again" in done.stderr


def test_a_template_that_is_not_there_is_answered_with_the_nearest(
    terminal: Terminal, template: Json
) -> None:
    done = terminal.type("try", "logz")
    assert done.returncode == 4
    assert "there is no AnalysisTemplate 'logz'" in done.stderr
    assert "did you mean logs?" in done.stderr


def account_of(plane: ControlPlane, folder: Path, token: str, namespace: str) -> Terminal:
    access = Access(plane.client.access.server, plane.client.access.ca, token)
    path = folder / "kubeconfig"
    path.write_text(kubeconfig_of(access, namespace))
    return Terminal(path, namespace)


def states(found: list[Json]) -> set[str]:
    return {one["state"] for one in found}
