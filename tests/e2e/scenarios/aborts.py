"""The work of an analysis that nobody waits for ends, though the controller does not say so."""

from control_plane import analysis_template, rollout, service

from ._registry import scenario
from ._script import Script, rollback
from ._shop import INLINE
from ._stage import SECONDS, Stage, metric

__all__: list[str] = []

_CANCEL_SECONDS = 5.0


def _cancelled_within_seconds(agent: Script, count: int = 1) -> None:
    """The contract's word: five seconds from the abort to the agent."""
    agent.wait_for("CancelTask", count, _CANCEL_SECONDS)


@scenario("abort of a Rollout in the midst of an analysis: the agent hears of it within 5 s")
def abort_of_a_rollout(stage: Stage) -> None:
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
        stage.argo(namespace, "abort", "shop")
        _cancelled_within_seconds(agent)
        stage.plane.wait_for_rollout(namespace, "shop", "Degraded", seconds=SECONDS)
        assert agent.tasks == agent.count("CancelTask") == 1


@scenario("AnalysisRun terminated: the agent hears of it within 5 s")
def termination_of_a_run(stage: Stage) -> None:
    with stage.scripted() as (namespace, agent):
        run = stage.analyse(namespace, metric(agent.url))
        run.under_way()
        stage.argo(namespace, "terminate", "analysisrun", "run")
        _cancelled_within_seconds(agent)
        assert run.ends_as("Successful")["status"]["message"] == "Run Terminated"


@scenario("AnalysisRun deleted: the agent hears of it within 5 s")
def deletion_of_a_run(stage: Stage) -> None:
    with stage.scripted() as (namespace, agent):
        stage.analyse(namespace, metric(agent.url)).under_way()
        namespace.delete("AnalysisRun", "run")
        _cancelled_within_seconds(agent)


@scenario("five metrics, one of which fails: the work of the others is cancelled")
def one_of_five_metrics_fails(stage: Stage) -> None:
    names = [f"metric-{number}" for number in range(5)]
    with stage.scripted() as (namespace, agent):
        run = stage.analyse(namespace, *(metric(agent.url, name=name) for name in names))
        for name in names:
            run.under_way(name)
        tasks = {asked["run"]["metric"]: task for task, asked in agent.questions.items()}
        agent.finish(tasks["metric-2"], rollback)
        status = run.ends_as("Failed")["status"]
        _cancelled_within_seconds(agent, 4)
        assert 'Metric "metric-2" assessed Failed' in status["message"]
        assert agent.tasks == 5
        cancelled = {params["id"] for method, params in agent.agent.calls if method == "CancelTask"}
        assert cancelled == set(tasks.values()) - {tasks["metric-2"]}
