"""`metric-ai doctor`: each fault of an installation with what to do about it."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import scripted_agent
from kubernetes_api import KubernetesApi, Rule
from running import metric

LABELS = {"app.kubernetes.io/name": "argo-rollouts"}
IMAGE = "quay.io/argoproj/argo-rollouts:v1.9.1"
ENTRY = "- name: argoproj-labs/metric-ai\n  location: file://./x\n"
LOADED = 'level=info msg="Copied plugin from x to plugin-bin/argoproj-labs/metric-ai"\n'


def deployment(image: str = IMAGE, ready: int = 1, **env: str) -> dict[str, Any]:
    variables = [{"name": name, "value": value} for name, value in env.items()]
    containers = [{"image": image, "env": variables}]
    return {
        "metadata": {"name": "argo-rollouts", "namespace": "argo-rollouts"},
        "spec": {"replicas": 1, "template": {"spec": {"containers": containers}}},
        "status": {"readyReplicas": ready},
    }


class World:
    """An installation without faults, which a test puts one into."""

    def __init__(self, api: KubernetesApi) -> None:
        self._api = api
        self.controller = [deployment()]
        self.config: dict[str, Any] = {
            "metadata": {"name": "argo-rollouts-config", "managedFields": []},
            "data": {"metricProviderPlugins": ENTRY},
        }
        self.log = LOADED
        self.agent: list[dict[str, Any]] = []
        self.templates: list[dict[str, Any]] = []

    def refuse(self, pattern: str, status: int, message: str) -> None:
        self._api.refuse(pattern, status, message)

    def built(self) -> None:
        pod = {
            "metadata": {"name": "argo-1", "namespace": "argo-rollouts"},
            "status": {"startTime": "2026-01-31T12:00:00Z"},
        }
        answers: dict[str, object] = {
            r"^/version$": {"gitVersion": "v1.34.1"},
            r"^/apis/argoproj.io/v1alpha1$": {},
            r"/namespaces/argo-rollouts/deployments\?": {"items": self.controller},
            r"/configmaps/argo-rollouts-config$": self.config,
            r"/namespaces/argo-rollouts/pods\?": {"items": [pod]},
            r"^/apis/apps/v1/deployments\?": {"items": self.agent},
            r"/analysistemplates\?": {"items": self.templates},
            r"/clusteranalysistemplates\?": {"items": []},
        }
        for pattern, answer in answers.items():
            body = json.dumps(answer).encode()
            self._api.rules.append(Rule(pattern, 200, "", body=body))
        self._api.rules.append(Rule(r"/pods/argo-1/log", 200, "", body=self.log.encode()))


@pytest.fixture
def world(cluster: KubernetesApi) -> World:
    return World(cluster)


def template(agent_url: str, **stanza: object) -> dict[str, Any]:
    metadata = {"name": "logs", "namespace": "shop"}
    return {"metadata": metadata, "spec": {"metrics": [metric(agent_url, **stanza)]}}


def findings(shell: Any, world: World, *words: str) -> tuple[int, list[dict[str, str]]]:
    world.built()
    done = shell.type("doctor", *words, "-o", "json")
    assert done.out, done.err
    return done.code, json.loads(done.out)


async def test_where_nothing_is_wrong_it_says_so(shell: Any, world: World) -> None:
    async with scripted_agent.listening() as agent:
        world.templates = [template(agent.url)]
        code, found = await _in_thread(shell, world)
    assert code == 0, found
    assert {one["state"] for one in found} <= {"ok", "unknown"}
    said = " ".join(one["found"] for one in found)
    for part in ("Kubernetes v1.34.1", "was loaded", "its stanza is one", "serves its card"):
        assert part in said
    assert "asks for no token" in said


async def test_a_token_that_is_refused_is_told(shell: Any, world: World) -> None:
    shell.variables["METRIC_AI_TOKEN"] = "wrong-word"
    async with scripted_agent.listening() as agent:
        shell.variables["METRIC_AI_TOKEN_ORIGIN"] = agent.url
        agent.rpc_status = 401
        world.templates = [template(agent.url)]
        code, found = await _in_thread(shell, world)
    assert code == 1
    (error,) = [one for one in found if one["state"] == "error"]
    assert "the token is not accepted (HTTP 401)" in error["found"]
    assert "CANARY_AGENT_TOKEN" in error["advice"]
    assert "wrong-word" not in str(found)


async def test_the_operator_s_token_goes_to_no_address_that_a_tenant_wrote(
    shell: Any, world: World, cluster: KubernetesApi
) -> None:
    """Neither this shell's nor the controller's: both belong to one origin."""
    origin = "http://agent.argo-rollouts.svc.cluster.local:8080"
    secret = json.dumps({"data": {"token": "d29yZC1mb3Itb25l"}}).encode()  # word-for-one
    cluster.rules.append(Rule("/secrets/kubernetes-agent-token$", 200, "", body=secret))
    made = deployment(METRIC_AI_TOKEN_FILE="/x", METRIC_AI_TOKEN_ORIGIN=origin)
    world.controller = [made]
    async with scripted_agent.listening() as agent:
        agent.rpc_status = 401
        world.templates = [template(agent.url)]
        _, found = await _in_thread(shell, world)
        shell.variables |= {"METRIC_AI_TOKEN": "word-for-one", "METRIC_AI_TOKEN_ORIGIN": origin}
        await _in_thread(shell, world)
        assert not any("word-for-one" in head for head in agent.heads)
        (said,) = [one for one in found if "asks for a token" in one["found"]]
        assert said["state"] == "unknown"
        await _in_thread(shell, world, "--agent-url", agent.url)
        assert not any("word-for-one" in head for head in agent.heads)
        del shell.variables["METRIC_AI_TOKEN_ORIGIN"]
        await _in_thread(shell, world, "--agent-url", agent.url)
        assert any("word-for-one" in head for head in agent.heads), "whoever types has named it"


async def _in_thread(shell: Any, world: World, *words: str) -> tuple[int, list[dict[str, str]]]:
    # The agent answers on this loop meanwhile.
    return await asyncio.to_thread(findings, shell, world, *words)


@dataclass(frozen=True)
class Fault:
    """What is wrong, and what is to be said about it."""

    spoil: Callable[[World], None]
    state: str
    said: str
    advised: str


def entry_of_another(world: World) -> None:
    world.config["data"]["metricProviderPlugins"] = ENTRY.replace("metric-ai", "other")


def changed_later(world: World) -> None:
    world.config["metadata"]["managedFields"] = [{"time": "2026-01-31T13:00:00Z"}]


def not_installed(world: World) -> None:
    world.refuse(r"^/apis/argoproj.io/v1alpha1$", 404, "not found")


def controller(*made: dict[str, Any]) -> Callable[[World], None]:
    return lambda world: setattr(world, "controller", list(made))


def logged(text: str) -> Callable[[World], None]:
    return lambda world: setattr(world, "log", text)


def templates(*made: dict[str, Any]) -> Callable[[World], None]:
    return lambda world: setattr(world, "templates", list(made))


OLD, TOKEN = deployment("argo-rollouts:v1.6.0"), deployment(METRIC_AI_TOKEN_FILE="/x")
FATAL = 'level=fatal msg="Failed to load plugin argoproj-labs/metric-ai: no file"\n'
NOBODY = "http://127.0.0.1:9"
FAULTS = [
    Fault(not_installed, "error", "is not installed", "config/argo-rollouts"),
    Fault(controller(), "error", "no Deployment with", "--argo-namespace"),
    Fault(controller(deployment(ready=0)), "error", "0 of 1 pods are ready", "kubectl describe"),
    Fault(controller(OLD), "warning", "version 1.6 was not tried", "docs/versions.md"),
    Fault(controller(TOKEN), "error", "no METRIC_AI_TOKEN_ORIGIN", "the one origin"),
    Fault(entry_of_another, "error", "no entry is named argoproj-labs", "kubectl edit configmap"),
    Fault(changed_later, "warning", "after the controller had started", "rollout restart"),
    Fault(logged(FATAL), "error", "was not loaded: level=fatal", "docs/install.md"),
    Fault(logged("nothing\n"), "warning", "does not speak of it", "kubectl logs"),
    Fault(templates(), "warning", "none asks the plugin", "examples/analysis-templates"),
    Fault(templates(template(NOBODY, windw="5m")), "error", "mean window?", "kubectl edit"),
    Fault(templates(template(NOBODY)), "error", "does not answer", "does it run"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.said)
def test_each_fault_is_told_with_what_to_do(fault: Fault, shell: Any, world: World) -> None:
    fault.spoil(world)
    code, found = findings(shell, world)
    matching = [one for one in found if fault.said in one["found"]]
    assert [one["state"] for one in matching] == [fault.state], found
    assert fault.advised in matching[0]["advice"]
    assert code == (1 if any(one["state"] == "error" for one in found) else 0)


def test_what_may_not_be_looked_at_is_passed_over(shell: Any, world: World) -> None:
    world.refuse(r"/configmaps/", 403, "configmaps is forbidden")
    code, found = findings(shell, world)
    (unknown,) = [one for one in found if "configmaps is forbidden" in one["found"]]
    assert unknown["state"] == "unknown"
    assert code == 0


def test_an_agent_behind_a_service_is_asked_through_the_api_server(
    shell: Any, world: World, cluster: KubernetesApi
) -> None:
    world.templates = [template("http://agent.argo-rollouts.svc.cluster.local:8080")]
    base = "/namespaces/argo-rollouts/services/agent:8080/proxy"
    card = json.dumps({"name": "canary-agent"}).encode()
    cluster.rules.append(Rule(f"{base}/.well-known/agent-card.json", 200, "", body=card))
    cluster.rules.append(Rule(f"{base}/readyz", 200, "", body=b"{}"))
    _, found = findings(shell, world)
    said = {one["found"]: one for one in found}
    assert "serves its card in the cluster: canary-agent, and is ready" in said
    forward = said["its token cannot be tried through the API server"]["advice"]
    assert "kubectl port-forward -n argo-rollouts service/agent 8080" in forward


def test_people_get_the_advice_below_each_finding(shell: Any, world: World) -> None:
    world.controller = []
    world.built()
    done = shell.type("doctor")
    assert done.code == 1
    lines = done.out.splitlines()
    (place,) = [n for n, line in enumerate(lines) if line.startswith("error ")]
    assert lines[place + 1].startswith("         to do: ")
    assert "1 to be mended" in done.err
    assert any("\x1b[1;31merror" in line for line in shell.at_terminal("doctor").out.splitlines())


def test_an_expired_token_ends_it_with_the_next_step(shell: Any, cluster: KubernetesApi) -> None:
    cluster.tokens.add("another")
    done = shell.type("doctor")
    assert done.code == 4
    assert "does not accept the credentials of context test (401" in done.err
    assert "next: they may have expired: log in again" in done.err


def test_a_cluster_that_is_gone_is_told(shell: Any, cluster: KubernetesApi) -> None:
    path = shell.folder / "kubeconfig"
    path.write_text(path.read_text().replace(cluster.url, "http://127.0.0.1:9"))
    done = shell.type("doctor")
    assert done.code == 4
    assert "the cluster at http://127.0.0.1:9 does not answer" in done.err
    assert "next: is it the right one?" in done.err
