"""What scenarios have in common: the control plane, the agents, and what they wait for."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import urlsplit

from control_plane import PLUGIN_NAME, Agent, ControlPlane
from kube import Json, Namespace

from ._script import AgentLoop, Script

__all__ = ["Analysis", "Stage", "metric"]

T = TypeVar("T")
SECONDS = 180.0
_KUBECTL_SECONDS = 30
_OVER = frozenset({"Successful", "Failed", "Error", "Inconclusive"})


class Stage:
    """One control plane for all scenarios.

    Attributes:
        plane: the control plane.
        judge: the real agent, which all scenarios share that want real verdicts.
    """

    def __init__(self, plane: ControlPlane, judge: Agent, loop: AgentLoop) -> None:
        self.plane = plane
        self.judge = judge
        self._loop = loop
        # Where the control plane reaches this machine.
        self._host = urlsplit(judge.url).hostname or "127.0.0.1"

    @contextmanager
    def script(self) -> Iterator[Script]:
        """A scripted agent of the scenario's own."""
        with self._loop.agent(self._host) as agent:
            yield agent

    @contextmanager
    def scripted(self) -> Iterator[tuple[Namespace, Script]]:
        """A namespace and a scripted agent of the scenario's own."""
        with self.plane.namespace("scene") as namespace, self.script() as agent:
            yield namespace, agent

    def analyse(
        self, namespace: Namespace, *metrics: Json, name: str = "run", **spec: object
    ) -> "Analysis":
        """An AnalysisRun that belongs to no Rollout."""
        manifest = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "AnalysisRun",
            "metadata": {"name": name},
            "spec": {"metrics": list(metrics), **spec},
        }
        namespace.apply(manifest)
        return Analysis(self, namespace, name)

    def until(self, what: str, check: Callable[[], T | None], namespace: Namespace) -> T:
        """What `check` gives once it is true; the error shows the namespace and the logs."""
        return self.plane.wait_until(what, check, namespace, SECONDS)

    def argo(self, namespace: Namespace, *arguments: str) -> str:
        """`kubectl argo rollouts ...`, as a person types it."""
        done = subprocess.run(
            [self.plane.programs.path("kubectl-argo-rollouts"), *arguments, "-n", namespace.name],
            env={**os.environ, "KUBECONFIG": str(self.plane.kubeconfig)},
            capture_output=True,
            text=True,
            timeout=_KUBECTL_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


class Analysis:
    """One AnalysisRun."""

    def __init__(self, stage: Stage, namespace: Namespace, name: str) -> None:
        self._stage = stage
        self._namespace = namespace
        self.name = name

    def read(self) -> Json:
        """The object as it is now."""
        return self._namespace.get("AnalysisRun", self.name)

    def measurements(self, metric: str = "ai-analysis") -> Sequence[Json]:
        """Those of one metric so far."""
        results = self.read().get("status", {}).get("metricResults", [])
        found = [one.get("measurements", []) for one in results if one["name"] == metric]
        return found[0] if found else []

    def under_way(self, metric: str = "ai-analysis") -> Json:
        """The open measurement, once the controller knows its task."""

        def known() -> Json | None:
            open_ones = [one for one in self.measurements(metric) if "finishedAt" not in one]
            return next((one for one in open_ones if "taskId" in one.get("metadata", {})), None)

        return self._stage.until(f"task of {self.name}", known, self._namespace)

    def over(self) -> Json:
        """The run once it has ended."""

        def ended() -> Json | None:
            run = self.read()
            return run if run.get("status", {}).get("phase") in _OVER else None

        return self._stage.until(f"end of AnalysisRun {self.name}", ended, self._namespace)

    def ends_as(self, phase: str) -> Json:
        """The run, which has ended in that phase."""
        run = self.over()
        found = run["status"]["phase"]
        assert found == phase, f"{found}, not {phase}: {json.dumps(run['status'], indent=1)}"
        return run


def metric(
    agent_url: str,
    stanza: Mapping[str, object] | None = None,
    *,
    name: str = "ai-analysis",
    **more: object,
) -> Json:
    """A metric that asks our plugin; `more` are the metric's own fields."""
    plugin: Json = {
        "agentUrl": agent_url,
        "stableLabel": "role=stable",
        "canaryLabel": "role=canary",
        **(stanza or {}),
    }
    return {"name": name, "provider": {"plugin": {PLUGIN_NAME: plugin}}, **more}
