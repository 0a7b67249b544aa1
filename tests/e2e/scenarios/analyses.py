"""Single AnalysisRuns: conditions and messages."""

from typing import Any

from control_plane import PLUGIN_NAME
from kube import Json
from scripted_agent import Answer

from ._registry import scenario
from ._script import promote
from ._stage import Stage, metric

__all__: list[str] = []

_AT_ONCE: Json = {"consecutiveErrorLimit": 0}


@scenario("successCondition and failureCondition tighten a verdict")
def conditions(stage: Stage) -> None:
    cases: dict[str, tuple[str, dict[str, Any]]] = {
        "met": ("Successful", {"successCondition": "result.confidence >= 90"}),
        "missed": ("Failed", {"successCondition": "result.confidence > 95"}),
        "failure": ("Failed", {"failureCondition": 'result.verdict == "promote"'}),
        "neither": (
            "Inconclusive",
            {
                "successCondition": "result.confidence > 95",
                "failureCondition": "result.confidence < 50",
            },
        ),
        "nonsense": ("Error", {"successCondition": "result.nothing > 95", **_AT_ONCE}),
    }
    with stage.scripted() as (namespace, agent):
        agent.plan = promote
        runs = {
            name: stage.analyse(namespace, metric(agent.url, **more), name=name)
            for name, (_, more) in cases.items()
        }
        for name, (phase, _) in cases.items():
            runs[name].ends_as(phase)


@scenario("agentUrl missing, agent down, health check failing, analysis failing: the messages")
def messages(stage: Stage) -> None:
    with stage.scripted() as (namespace, agent), stage.script() as ill, stage.script() as failing:
        ill.agent.card_status = 503

        async def fail(params: Answer) -> Answer:
            task = await failing.agent.on_SendMessage(params)
            failing.agent.set_state(task["task"]["id"], "FAILED")
            return {"task": {**task["task"], "status": {"state": "TASK_STATE_FAILED"}}}

        failing.agent.handlers["SendMessage"] = fail
        missing = metric(agent.url, **_AT_ONCE)
        del missing["provider"]["plugin"][PLUGIN_NAME]["agentUrl"]
        said = {
            "missing": (missing, "agentUrl is required in plugin configuration"),
            "down": (
                metric("http://127.0.0.1:9", **_AT_ONCE),
                "Kubernetes Agent health check failed",
            ),
            "ill": (metric(ill.url, **_AT_ONCE), "Kubernetes Agent health check failed"),
            "failing": (metric(failing.url, **_AT_ONCE), "A2A agent analysis failed"),
        }
        runs = {name: stage.analyse(namespace, of, name=name) for name, (of, _) in said.items()}
        for name, (_, message) in said.items():
            found = runs[name].ends_as("Error")["status"]["message"]
            assert message in found, found
        assert "503" in runs["ill"].over()["status"]["message"]
        assert not agent.agent.calls
