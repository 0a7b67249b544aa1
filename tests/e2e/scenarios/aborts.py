"""The work of an analysis that nobody waits for ends, though the controller does not say so."""

import os
import time
from collections.abc import Callable

from control_plane import analysis_template, rollout, service

from ._registry import scenario
from ._script import Script, rollback
from ._shop import INLINE
from ._stage import SECONDS, Stage, metric

__all__ = ["hears"]

# The contract's word; where many processes wait for each processor, each step takes as much longer.
_CANCEL_SECONDS = 5.0 * max(1.0, os.getloadavg()[0] / (2 * (os.cpu_count() or 1)))


def hears(agent: Script, of: Callable[[], object], count: int = 1) -> str:
    """Does `of`, and waits until the agent has been told to cancel so many tasks; says how long that took."""
    began = time.monotonic()
    of()
    agent.wait_for("CancelTask", count, _CANCEL_SECONDS)
    return f"the agent heard after {time.monotonic() - began:.2f} s"


@scenario("abort of a Rollout in the midst of an analysis: the agent hears of it within 5 s")
def abort_of_a_rollout(stage: Stage) -> str:
    with stage.scripted() as (namespace, agent):
        namespace.apply(
            service("shop-stable", "shop"),
            service("shop-canary", "shop"),
            analysis_template("logs", agent.url, {}),
            rollout("shop", "shop:stable", INLINE, replicas=1),
        )
        stage.plane.wait_for_rollout(namespace, "shop", "Healthy", seconds=SECONDS)
        namespace.apply(rollout("shop", "shop:healthy", INLINE, replicas=1))
        agent.wait_for("GetTask", seconds=SECONDS)
        seen = hears(agent, lambda: stage.argo(namespace, "abort", "shop"))
        stage.plane.wait_for_rollout(namespace, "shop", "Degraded", seconds=SECONDS)
        assert agent.tasks == agent.count("CancelTask") == 1
        return seen


@scenario("AnalysisRun terminated: the agent hears of it within 5 s")
def termination_of_a_run(stage: Stage) -> str:
    with stage.scripted() as (namespace, agent):
        run = stage.analyse(namespace, metric(agent.url))
        run.under_way()
        seen = hears(agent, lambda: stage.argo(namespace, "terminate", "analysisrun", "run"))
        # Inconclusive where the controller was just about to ask, so that it did call Terminate.
        assert run.over()["status"]["phase"] in {"Successful", "Inconclusive"}
        return seen


@scenario("AnalysisRun deleted: the agent hears of it within 5 s")
def deletion_of_a_run(stage: Stage) -> str:
    with stage.scripted() as (namespace, agent):
        stage.analyse(namespace, metric(agent.url)).under_way()
        return hears(agent, lambda: namespace.delete("AnalysisRun", "run"))


@scenario("five metrics, one of which fails: the work of the others is cancelled")
def one_of_five_metrics_fails(stage: Stage) -> str:
    names = [f"metric-{number}" for number in range(5)]
    with stage.scripted() as (namespace, agent):
        run = stage.analyse(namespace, *(metric(agent.url, name=name) for name in names))
        for name in names:
            run.under_way(name)
        tasks = {asked["run"]["metric"]: task for task, asked in agent.questions.items()}
        agent.finish(tasks["metric-2"], rollback)
        seen = hears(agent, run.over, 4)
        status = run.ends_as("Failed")["status"]
        assert 'Metric "metric-2" assessed Failed' in status["message"]
        assert agent.tasks == 5
        cancelled = {params["id"] for method, params in agent.agent.calls if method == "CancelTask"}
        assert cancelled == set(tasks.values()) - {tasks["metric-2"]}
        return seen
