"""`metric-ai explain`: what an AnalysisRun holds, by phase."""

import json
from typing import Any

import pytest
from kubernetes_api import KubernetesApi, Rule
from running import metric

UID = "5f1c0e1e-7d0b-4f3e-9a55-0f5a7b7e9f10"
EVIDENCE = [
    {
        "id": "e1",
        "kind": "novelty",
        "what": "connection refused [red]",
        "strength": "significant",
        "stable": 0,
        "canary": 12,
        "canarySample": {"line": "\x1b[31mrefused", "pod": "shop-2", "container": "app"},
    }
]
ROLLED_BACK = {
    "verdict": "rollback",
    "confidence": "97",
    "rootCause": "The database refuses connections.",
    "remediation": "Start it.",
    "evidence": json.dumps(EVIDENCE),
    "coverage": json.dumps({"pods": 2, "containers": 2, "lines": 800, "gaps": ["no log of x"]}),
}


def run(
    phase: str, metadata: dict[str, str], message: str = "", name: str = "one"
) -> dict[str, Any]:
    measurement = {"phase": phase, "message": message, "metadata": metadata}
    owner = {"kind": "Rollout", "name": "shop", "controller": True}
    return {
        "kind": "AnalysisRun",
        "metadata": {
            "name": name,
            "namespace": "default",
            "uid": UID,
            "creationTimestamp": f"2026-01-31T12:00:0{len(name)}Z",
            "ownerReferences": [owner],
        },
        "spec": {"metrics": [metric("http://agent.example")]},
        "status": {
            "phase": phase,
            "metricResults": [
                {"name": "ai-analysis", "phase": phase, "measurements": [measurement]}
            ],
        },
    }


@pytest.fixture
def explained(shell: Any, cluster: KubernetesApi) -> Any:
    """What is said of a cluster's runs."""

    def explain(runs: list[dict[str, Any]], *words: str) -> Any:
        for one in runs:
            body = json.dumps(one).encode()
            cluster.rules.append(
                Rule(f"/analysisruns/{one['metadata']['name']}$", 200, "", body=body)
            )
        cluster.rules.append(
            Rule(r"/analysisruns\?", 200, "", body=json.dumps({"items": runs}).encode())
        )
        return shell.type("explain", *words)

    return explain


def test_a_rollback_is_told_from_its_metadata_alone(explained: Any) -> None:
    done = explained([run("Failed", ROLLED_BACK, "rollback, 97 %")], "one")
    assert done.code == 1
    for said in (
        "AnalysisRun one in default, of Rollout shop  Failed",
        "ROLLBACK  97 % confident",
        "why    The database refuses connections.",
        "to do  Start it.",
        "e1  significant  0       12      -      connection refused [red]",
        "e1 canary's log  shop-2/app: refused",
        "not read  no log of x",
        "next: mend what is named above",
        "kubectl argo rollouts get rollout shop -n default",
    ):
        assert said in done.out, done.out


@pytest.mark.parametrize(
    ("phase", "code", "said"),
    [
        ("Successful", 0, "Successful"),
        ("Inconclusive", 3, "kubectl argo rollouts promote shop -n default"),
        ("Error", 4, "metric-ai doctor looks for the cause"),
        ("Running", 3, "it is under way: ask again"),
    ],
)
def test_each_phase_has_its_next_step(phase: str, code: int, said: str, explained: Any) -> None:
    metadata = {"taskId": "task-7", "agentUrl": "http://agent.example"}
    done = explained([run(phase, metadata, "what was said")], "one")
    assert done.code == code
    assert said in done.out
    assert "task-7" in done.out
    assert "message  what was said" in done.out


def test_without_a_name_it_is_the_newest(explained: Any) -> None:
    older, newer = run("Failed", {}, name="one"), run("Successful", {}, name="three")
    done = explained([older, newer], "--rollout", "shop", "-o", "json")
    assert done.code == 0
    assert json.loads(done.out)["run"] == "three"


def test_programs_get_the_whole_verdict(explained: Any) -> None:
    done = explained([run("Failed", ROLLED_BACK)], "one", "-o", "json")
    (found,) = json.loads(done.out)["metrics"]
    assert found["verdict"]["confidence"] == 97
    assert found["verdict"]["evidence"][0]["id"] == "e1"


@pytest.mark.parametrize("broken", ["evidence", "coverage", "confidence", "verdict"])
def test_metadata_that_was_cut_or_changed_is_no_fault(broken: str, explained: Any) -> None:
    done = explained([run("Failed", {**ROLLED_BACK, broken: "[{cut"}, "said")], "one")
    assert done.code == 1
    assert "message  said" in done.out


def test_a_run_of_other_providers_is_told(explained: Any) -> None:
    other = run("Failed", {})
    other["spec"]["metrics"] = [{"name": "web", "provider": {"web": {}}}]
    done = explained([other], "one")
    assert done.code == 4
    assert "asks other providers only" in done.err


def test_no_run_at_all_is_told(explained: Any) -> None:
    done = explained([], "-n", "shop")
    assert done.code == 4
    assert "namespace shop has no AnalysisRun that asks metric-ai" in done.err
