"""What becomes of an analysis when the plugin is killed, or told to stop."""

from collections.abc import Callable
from typing import Any

from asking import Asking, task_of
from desk import verdict_text
from running import wait_for

from argo_rollouts_plugin.client import MetricProviderClient
from argo_rollouts_plugin.v1alpha1 import AnalysisPhase, Measurement
from rollouts_plugin_metric_ai.a2a_client import Task, TaskState

Start = Callable[[], MetricProviderClient]


def at_work(served: Any, asking: Asking, plugin: MetricProviderClient) -> Measurement:
    """The Run's measurement, once the model thinks."""
    measurement = asking.run(plugin)
    assert measurement.phase is AnalysisPhase.RUNNING, measurement.message

    def asked() -> bool:
        return bool(served.desk.asked(asking.uid))

    wait_for(asked)
    return measurement


def test_run_does_not_wait_for_the_model(served: Any, plugin: MetricProviderClient) -> None:
    asking = served.asking()
    first = at_work(served, asking, plugin)
    assert bool(first.metadata.get("taskId")) is served.agent.task_at_once
    assert asking.resume(plugin, first).phase is AnalysisPhase.RUNNING
    served.desk.lay(asking.uid, verdict_text("promote"))
    done = asking.follow(plugin, first)
    assert done.phase is AnalysisPhase.SUCCESSFUL, done.message
    assert served.desk.asked(asking.uid) == 1
    served.note(while_it_works="task" if served.agent.task_at_once else "no reply")


def test_another_plugin_goes_on_after_a_kill(served: Any, start: Start) -> None:
    asking = served.asking()
    killed = start()
    first = at_work(served, asking, killed)
    killed.kill(0)
    plugin = start()
    second = asking.resume(plugin, first)
    served.desk.lay(asking.uid, verdict_text("rollback"))
    done = asking.follow(plugin, second)
    assert done.phase is AnalysisPhase.FAILED, done.message
    if served.agent.task_at_once:
        assert done.metadata["taskId"] == first.metadata["taskId"]
    asked = served.desk.asked(asking.uid)
    same = served.agent.task_at_once or served.agent.lists
    assert asked == (1 if same else 2)
    served.note(plugin_restarted="same task" if same else "asked again")


def test_a_run_whose_measurement_was_lost_is_repeated(served: Any, start: Start) -> None:
    asking = served.asking()
    killed = start()
    at_work(served, asking, killed)
    killed.kill(0)
    plugin = start()
    second = asking.run(plugin)
    served.desk.lay(asking.uid, verdict_text("promote"))
    done = asking.follow(plugin, second)
    assert done.phase is AnalysisPhase.SUCCESSFUL, done.message
    asked = served.desk.asked(asking.uid)
    assert asked == (1 if served.agent.lists else 2)
    served.note(Run_repeated="same task" if served.agent.lists else "asked again")


def test_terminate_tells_the_agent(served: Any, plugin: MetricProviderClient) -> None:
    asking = served.asking()
    first = at_work(served, asking, plugin)
    ended = asking.terminate(plugin, first)
    assert ended.phase is AnalysisPhase.INCONCLUSIVE, ended.message
    assert ended.finished_at is not None
    if not served.agent.task_at_once:
        served.note(Terminate="connection dropped")
    elif served.agent.cancels:

        def cancelled() -> bool:
            task = task_of(first)
            return isinstance(task, Task) and task.state is TaskState.CANCELED

        wait_for(cancelled)
        served.note(Terminate="canceled")
    else:
        task = task_of(first)
        assert isinstance(task, Task), task
        assert task.state is not TaskState.CANCELED
        served.note(Terminate="works on")
    served.desk.lay(asking.uid, verdict_text("promote"))
