"""What can happen to an analysis, each once, on the real control plane; all at the same time."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

import httpx2
from control_plane import PLUGIN_NAME, Agent
from kube import Json, KubeError, Namespace
from processes import free_ports
from scenarios import Script, Stage, metric
from scripted_agent import Answer

__all__ = ["PLAYS", "Happening", "Scene", "played", "scene"]

_LINES = 120
_POLICY: Json = {"minLines": 20}
_AT_ONCE: Json = {"consecutiveErrorLimit": 0}
# Longer than the last 25 s before a deadline, in which the agent does not wait for more lines.
_DEADLINE_SECONDS = 35
_CODE = "import time\nwhile True: print({lines!r}); time.sleep(0.02)"
_USUAL = "INFO shop cart is shown"
_PODS = {
    "stable": _USUAL,
    "good": _USUAL,
    "bad": f"{_USUAL}\nERROR shop connection refused: db:5432",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """How an analysis ended.

    Attributes:
        run: the AnalysisRun, over.
        agent: that was asked, where it is one of ours.
        away: whether nobody answered at the agent's address for a time.
    """

    run: Json
    agent: Agent | None = None
    away: bool = False

    @property
    def name(self) -> str:
        """The AnalysisRun's."""
        return str(self.run["metadata"]["name"])


@dataclass(frozen=True, slots=True)
class Scene:
    """Where all of it happens.

    Attributes:
        namespace: with a stable pod and two canaries.
        barred: a namespace that the agent may not read.
        mortal: an agent that may be killed.
        stranger: an agent of somebody else's.
        repository: githubUrl of all stanzas.
    """

    stage: Stage
    namespace: Namespace
    barred: Namespace
    mortal: Agent
    stranger: Script
    repository: str

    def asks(self, name: str, phase: str, stanza: Json, agent: Agent | None = None) -> Happening:
        """An analysis by the agent, or by the one that the stanza names; it must end in the phase."""
        return Happening(self._asked(self.namespace, name, phase, stanza, agent), agent)

    def asks_where_barred(self, name: str, phase: str) -> Happening:
        """An analysis of a namespace that the agent may not read."""
        judge = self.stage.judge
        return Happening(self._asked(self.barred, name, phase, {}, judge), judge)

    def _asked(
        self, namespace: Namespace, name: str, phase: str, stanza: Json, agent: Agent | None
    ) -> Json:
        url = (agent or self.stage.judge).url
        asked = metric(url, {"githubUrl": self.repository, **stanza}, **_AT_ONCE)
        plugin = asked["provider"]["plugin"][PLUGIN_NAME]
        if not plugin["agentUrl"]:
            del plugin["agentUrl"]
        return self.stage.analyse(namespace, asked, name=name).ends_as(phase)


Play = Callable[[Scene], Happening]


def _promoted(scene: Scene) -> Happening:
    stanza = {"canaryLabel": "role=good", "policy": _POLICY}
    return scene.asks("promoted", "Successful", stanza, scene.stage.judge)


def _rolled_back(scene: Scene) -> Happening:
    stanza = {"canaryLabel": "role=bad", "policy": _POLICY}
    return scene.asks("rolled-back", "Failed", stanza, scene.stage.judge)


def _too_little(scene: Scene) -> Happening:
    # The deadline is too near for the agent to wait for more lines.
    stanza = {"canaryLabel": "role=good", "policy": {"minLines": 1_000_000}, "timeout": "20s"}
    return scene.asks("too-little", "Inconclusive", stanza, scene.stage.judge)


def _nobody_named(scene: Scene) -> Happening:
    return scene.asks("nobody-named", "Error", {"agentUrl": ""})


def _mistyped(scene: Scene) -> Happening:
    return scene.asks("mistyped", "Error", {"cannaryLabel": "role=canary"})


def _nobody_there(scene: Scene) -> Happening:
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    asked = scene.asks("nobody-there", "Error", {"agentUrl": url})
    return replace(asked, away=_is_away(url))


def _killed(scene: Scene) -> Happening:
    """The agent waits for more lines, is killed, and comes back when it is too late."""
    agent = scene.mortal
    stanza = {
        "githubUrl": scene.repository,
        "canaryLabel": "role=good",
        "policy": {"minLines": 1_000_000},
        "timeout": f"{_DEADLINE_SECONDS}s",
    }
    run = scene.stage.analyse(scene.namespace, metric(agent.url, stanza, **_AT_ONCE), name="killed")
    run.under_way()
    agent.kill()
    ended = run.ends_as("Error")
    away = _is_away(agent.url)
    agent.start()
    return Happening(ended, agent, away)


def _barred(scene: Scene) -> Happening:
    return scene.asks_where_barred("barred", "Error")


def _unreadable(scene: Scene) -> Happening:
    async def chats(params: Answer) -> Answer:
        agent = scene.stranger.agent
        task = (await agent.on_SendMessage(params))["task"]
        said = [{"text": "Looks good to me!"}]
        agent.set_state(task["id"], "COMPLETED")
        agent.tasks[task["id"]]["artifacts"] = [{"artifactId": "a", "parts": said}]
        return {"task": {**task, **agent.tasks[task["id"]]}}

    scene.stranger.agent.handlers["SendMessage"] = chats
    return scene.asks("unreadable", "Error", {"agentUrl": scene.stranger.url})


PLAYS: dict[str, Play] = {
    "promote": _promoted,
    "rollback": _rolled_back,
    "inconclusive": _too_little,
    "`agentUrl` is missing": _nobody_named,
    "a field is unknown": _mistyped,
    "the agent is not there": _nobody_there,
    "the agent dies, and stays away until the deadline": _killed,
    "the agent cannot analyse": _barred,
    "the answer is not readable": _unreadable,
}
"""By the first column of the table in docs/where-to-look.md."""


def played(scene: Scene) -> dict[str, Happening]:
    """How each of them ended."""
    with ThreadPoolExecutor(len(PLAYS), thread_name_prefix="play") as pool:
        begun = {name: pool.submit(play, scene) for name, play in PLAYS.items()}
        return {name: future.result() for name, future in begun.items()}


@contextmanager
def scene(stage: Stage, repository: str) -> Iterator[Scene]:
    """Namespaces, pods that have written enough, and agents."""
    plane = stage.plane
    with (
        plane.namespace("seeing") as namespace,
        plane.namespace("barred") as barred,
        plane.agent("mortal") as mortal,
        stage.script() as stranger,
    ):
        barred.delete("RoleBinding", "canary-agent")
        namespace.apply(*(_pod(role, lines) for role, lines in _PODS.items()))
        stage.until(
            "lines of all pods",
            lambda: all(_has_logged(namespace, pod) for pod in _PODS),
            namespace,
        )
        yield Scene(stage, namespace, barred, mortal, stranger, repository)


def _pod(role: str, lines: str) -> Json:
    container = {"name": "app", "image": "python:3", "args": ["-c", _CODE.format(lines=lines)]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": role, "labels": {"role": role}},
        "spec": {"containers": [container], "terminationGracePeriodSeconds": 1},
    }


def _is_away(url: str) -> bool:
    """Whether the agent's figures cannot be read."""
    try:
        httpx2.get(f"{url}/metrics", trust_env=False)
    except httpx2.TransportError:
        return True
    return False


def _has_logged(namespace: Namespace, pod: str) -> bool:
    with suppress(KubeError):  # not started yet
        return namespace.log(pod).count("\n") > _LINES
    return False
