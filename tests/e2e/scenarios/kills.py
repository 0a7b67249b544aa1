"""SIGKILL in the midst of an analysis: one task at the agent, and its verdict arrives."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
import yaml
from kube import Json, KubeError, Namespace
from running import HALTING_AGENT, AgentProcess, running_agent

from ._registry import scenario
from ._stage import Analysis, Stage, metric
from .aborts import hears

__all__: list[str] = []

_ROOT = Path(__file__).resolve().parents[3]
_RIGHTS = _ROOT / "config" / "argo-rollouts" / "components" / "attach-logs" / "rbac.yaml"
_STEP = "evidence"
_LINES = 200
_AWAY_SECONDS = 60.0


@scenario(
    "kill -9 of the plugin: the analysis goes on with its one task, and aborts still arrive",
    alone=True,
)
def kill_of_the_plugin(stage: Stage) -> str:
    with stage.scripted() as (namespace, agent):
        run = stage.analyse(namespace, metric(agent.url))
        other = stage.analyse(namespace, metric(agent.url), name="aborted")
        run.under_way()
        other.under_way()
        task = _task_of(agent.questions, run)
        killed = stage.plane.controller.plugin_pids()
        assert killed
        stage.plane.controller.kill_plugin()
        agent.finish(task)
        run.ends_as("Successful")
        assert set(stage.plane.controller.plugin_pids()).isdisjoint(killed)
        asked = agent.count("GetTask")
        agent.wait_for("GetTask", asked + 1)  # the new process knows the other run, too
        seen = hears(agent, lambda: stage.argo(namespace, "terminate", "analysisrun", "aborted"))
        assert agent.tasks == 2
        return seen


@scenario("kill -9 of the controller: the next one goes on with the one task", alone=True)
def kill_of_the_controller(stage: Stage) -> None:
    with stage.scripted() as (namespace, agent):
        run = stage.analyse(namespace, metric(agent.url))
        run.under_way()
        left = set(stage.plane.controller.plugin_pids())
        stage.plane.controller.kill()
        agent.finish()  # while nobody is there to ask

        def gone() -> bool:
            return left.isdisjoint(stage.plane.controller.plugin_pids())

        stage.until("end of the plugin that is left", gone, namespace)
        stage.plane.controller.start()
        run.ends_as("Successful")
        assert agent.tasks == 1


@scenario(
    "kill -9 of the agent: started again it goes on with the one task", outlasts=True, here=True
)
def kill_of_the_agent(stage: Stage) -> None:
    _agent_away(stage, 0.0)


@scenario(
    "the agent is away for 60 s in the midst of an analysis: the verdict comes all the same",
    outlasts=True,
    here=True,
)
def agent_away(stage: Stage) -> None:
    _agent_away(stage, _AWAY_SECONDS)


def _agent_away(stage: Stage, seconds: float) -> None:
    with _logging_pods(stage) as namespace, _halting_agent() as (agent, folder):
        stanza: Json = {"attachLogs": True, "extraPrompt": _STEP, "policy": {"minLines": 10}}
        run = stage.analyse(namespace, metric(agent.url, stanza))
        uid = run.read()["metadata"]["uid"]
        halted = folder / f"{uid}.{_STEP}"
        stage.until("analysis in its midst", halted.exists, namespace)
        context = run.under_way()["metadata"]["contextId"]
        agent.kill()
        (folder / "armed").unlink()
        # Nothing is waited for but time: the agent is to be away as long as this.
        threading.Event().wait(seconds)
        agent.start()
        run.ends_as("Successful")
        assert len(_tasks(agent, context)) == 1


def _rights_on_logs() -> list[Json]:
    """What the component attach-logs grants, for one namespace: other tests look at the account, too."""
    role, binding = yaml.safe_load_all(_RIGHTS.read_text())
    name = role["metadata"]["name"]
    return [
        role | {"kind": "Role", "metadata": {"name": name}},
        binding
        | {
            "kind": "RoleBinding",
            "metadata": {"name": name},
            "roleRef": binding["roleRef"] | {"kind": "Role"},
        },
    ]


@contextmanager
def _logging_pods(stage: Stage) -> Iterator[Namespace]:
    """A namespace with a stable and a canary pod of nobody's, which write the same."""
    code = "import time\nwhile True: print('INFO shop cart is shown'); time.sleep(0.02)"
    with stage.plane.namespace("scene") as namespace:
        namespace.apply(*_rights_on_logs())
        # What stable wrote before the canary's start does not count.
        for role in ("stable", "canary"):
            container = {"name": "app", "image": "python:3", "args": ["-c", code]}
            namespace.apply(
                {
                    "apiVersion": "v1",
                    "kind": "Pod",
                    "metadata": {"name": role, "labels": {"role": role}},
                    "spec": {"containers": [container], "terminationGracePeriodSeconds": 1},
                }
            )

        def logged() -> bool:
            with suppress(KubeError):  # not started yet
                return namespace.log("canary").count("\n") > _LINES
            return False

        stage.until(f"{_LINES} lines of the canary's", logged, namespace)
        yield namespace


@contextmanager
def _halting_agent() -> Iterator[tuple[AgentProcess, Path]]:
    """An agent that judges by the logs that are sent along, and halts in the midst of it."""
    with TemporaryDirectory(prefix="metric-ai-agent-") as name:
        folder = Path(name)
        (folder / "armed").touch()
        (folder / "logs").mkdir()
        program: list[str | Path] = [sys.executable, HALTING_AGENT, folder]
        with running_agent(folder / "logs", folder, program=program) as agent:
            yield agent, folder


def _tasks(agent: AgentProcess, context: str) -> list[Json]:
    call = {"jsonrpc": "2.0", "id": 1, "method": "ListTasks", "params": {"contextId": context}}
    answer = httpx2.post(agent.url, json=call, headers={"A2A-Version": "1.0"}, trust_env=False)
    tasks: list[Json] = answer.json()["result"]["tasks"]
    return tasks


def _task_of(questions: dict[str, Json], run: Analysis) -> str:
    return next(task for task, asked in questions.items() if asked["run"]["name"] == run.name)
