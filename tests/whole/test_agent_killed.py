"""The agent, killed and started again at each step of an analysis, as the plugin sees it."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from running import (
    HALTING_AGENT,
    AgentProcess,
    analysis_run,
    case,
    follow,
    plugin_file,
    running_agent,
    typed,
    wait_for,
    write_logs,
)

from argo_rollouts_plugin.client import MetricProviderClient
from argo_rollouts_plugin.v1alpha1 import AnalysisPhase, AnalysisRun, Measurement, Metric

SENDING = ("read", "kept", "queued")
WORKING = ("collect", "evidence", "judge", "judged", "concluding")


@dataclass
class Analysis:
    """One measurement under way, whose agent halts at `steps`."""

    run: AnalysisRun
    metric: Metric
    measurement: Measurement

    @property
    def uid(self) -> str:
        return self.run.metadata.uid

    def after_an_error(self) -> AnalysisRun:
        """The run as the controller sends it when it tries once more."""
        results = [{"name": self.metric.name, "count": 0, "error": 1}]
        return typed(analysis_run(self.uid, metricResults=results))


class Scene:
    """A canary that fails, an agent that halts, and plugins that ask it."""

    def __init__(self, folder: Path, agent: AgentProcess) -> None:
        self.agent = agent
        self.folder = folder
        self.plugin = self._new_plugin()

    def begin(self, *steps: str) -> Analysis:
        """Begins an analysis that halts at the steps."""
        run, of = case(self.agent.url, extraPrompt=" ".join(steps) or "nothing special")
        analysis = Analysis(run, of, self.plugin.run(run, of))
        assert analysis.measurement.phase is AnalysisPhase.RUNNING, analysis.measurement
        return analysis

    def reach(self, analysis: Analysis, step: str) -> None:
        def halted() -> bool:
            return (self.folder / f"{analysis.uid}.{step}").exists()

        wait_for(halted)

    def answered(self, analysis: Analysis) -> None:
        """Waits for the task's end, without asking for it."""

        def completed() -> bool:
            lines = self.agent.log().splitlines()
            return any("task completed" in line and analysis.uid in line for line in lines)

        wait_for(completed)

    def ask(self, analysis: Analysis) -> Measurement:
        analysis.measurement = self.plugin.resume(
            analysis.run, analysis.metric, analysis.measurement
        )
        return analysis.measurement

    def kill(self) -> None:
        self.agent.kill()
        (self.folder / "armed").unlink()

    def another_plugin(self) -> None:
        self.plugin.kill(0)
        self.plugin = self._new_plugin()

    def away(self, analysis: Analysis) -> AnalysisPhase:
        """The phase when the controller asks next, the agent being away."""
        if analysis.measurement.finished_at is not None:
            return analysis.measurement.phase
        known = analysis.measurement.metadata.get("taskId")
        assert self.ask(analysis).metadata.get("taskId") == known
        return analysis.measurement.phase

    def end(self, analysis: Analysis) -> tuple[AnalysisPhase, int, str]:
        """The phase that the measurement ends with, and the agent's tasks and the last attempt."""
        run, measurement = analysis.run, analysis.measurement
        if measurement.phase is AnalysisPhase.ERROR:
            assert "Kubernetes Agent health check failed: " in measurement.message
            run = analysis.after_an_error()
        if measurement.finished_at is not None:  # or the controller has lost it
            measurement = self.plugin.run(run, analysis.metric)
        done = follow(self.plugin, run, analysis.metric, measurement)
        return done.phase, len(self._tasks(done.metadata["contextId"])), done.metadata["attempt"]

    def _tasks(self, context_id: str) -> list[dict[str, Any]]:
        call = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "ListTasks",
            "params": {"contextId": context_id},
        }
        answer = httpx.post(self.agent.url, json=call, headers={"A2A-Version": "1.0"})
        tasks: list[dict[str, Any]] = answer.json()["result"]["tasks"]
        return tasks

    def _new_plugin(self) -> MetricProviderClient:
        plugin = MetricProviderClient([str(plugin_file())])
        plugin.start()
        return plugin


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    write_logs(tmp_path / "logs", canary_fails=True)
    (tmp_path / "armed").touch()
    # As many at work as halt there, and one that is done with: what comes later stays in the queue.
    at_once = ("--concurrency", str(len(WORKING) + 1))
    program = (sys.executable, HALTING_AGENT, tmp_path)
    with running_agent(tmp_path / "logs", tmp_path, *at_once, program=program) as agent:
        scene = Scene(tmp_path, agent)
        yield scene
        scene.plugin.kill(0)


def begun_at_each_step(scene: Scene) -> dict[str, Analysis]:
    """Analyses that have come as far as their names say."""
    analyses = {name: scene.begin() for name in ("finished", "answered")}
    analyses["asked"] = scene.begin("asked")
    for analysis in analyses.values():
        scene.answered(analysis)
    finished = analyses["finished"]
    finished.measurement = follow(scene.plugin, finished.run, finished.metric, finished.measurement)
    working = {step: scene.begin(step) for step in WORKING}
    working["asked at work"] = scene.begin("evidence", "asked")
    for name, analysis in working.items():
        scene.reach(analysis, "evidence" if name == "asked at work" else name)
    sending = {step: scene.begin(step) for step in SENDING}
    for step, analysis in sending.items():
        scene.reach(analysis, step)
    analyses |= working | sending | {"waiting": scene.begin()}
    for name in ("asked", "asked at work"):
        assert scene.ask(analyses[name]).phase is AnalysisPhase.RUNNING
        scene.reach(analyses[name], "asked")
    return analyses


@pytest.mark.timeout(300)  # a dozen analyses and two agents
@pytest.mark.parametrize("plugin_too", [False, True], ids=["agent", "agent and plugin"])
def test_a_kill_at_any_step_costs_neither_the_verdict_nor_a_second_task(
    scene: Scene, *, plugin_too: bool
) -> None:
    analyses = begun_at_each_step(scene)
    scene.kill()
    if plugin_too:
        scene.another_plugin()
    else:
        phases = {name: scene.away(analysis) for name, analysis in analyses.items()}
        assert phases == {
            name: AnalysisPhase.ERROR if name in SENDING else AnalysisPhase.RUNNING
            for name in analyses
            if name != "finished"
        } | {"finished": AnalysisPhase.FAILED}
    scene.agent.start()
    ends = {name: scene.end(analysis) for name, analysis in analyses.items()}
    # Where the first try ended in an Error, the controller's next one is the second attempt.
    second = () if plugin_too else SENDING
    assert ends == {
        name: (AnalysisPhase.FAILED, 1, "2" if name in second else "1") for name in analyses
    }
