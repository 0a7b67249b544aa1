"""Agents that answer as the plugin asks them to, each in its framework's own way."""

from typing import Any

import pytest
from asking import card_of, task_of
from desk import fenced, verdict_text

from argo_rollouts_plugin.client import MetricProviderClient
from argo_rollouts_plugin.v1alpha1 import AnalysisPhase, Measurement
from rollouts_plugin_metric_ai.a2a_client import Task
from rollouts_plugin_metric_ai.adoption import has_verdict


def where(measurement: Measurement, uid: str) -> str:
    """Where the verdict was, as the agent tells it once more."""
    if not measurement.metadata.get("taskId"):
        return "message"
    task = task_of(measurement)
    assert isinstance(task, Task), task
    if not has_verdict(task, uid):
        return "task, in SendMessage's reply alone"
    places = [(part.kind, "artifact") for artifact in task.artifacts for part in artifact.parts]
    places += [(part.kind, "status") for part in task.status_parts]
    return ", ".join(dict.fromkeys(f"task, {kind} in {place}" for kind, place in places))


def test_promote_in_a_code_fence_is_successful(served: Any, plugin: MetricProviderClient) -> None:
    asking = served.asking()
    served.desk.lay(asking.uid, fenced(verdict_text("promote")))
    done = asking.ask(plugin)
    assert done.phase is AnalysisPhase.SUCCESSFUL, done.message
    assert done.value == "0.9"
    card = card_of(done)
    assert (card.protocol_version, card.transport) == served.agent.speaks
    assert served.desk.asked(asking.uid) == 1
    served.note(promote=done.phase.value, answer=where(done, asking.uid))


def test_rollback_in_plain_json_fails(served: Any, plugin: MetricProviderClient) -> None:
    asking = served.asking()
    served.desk.lay(asking.uid, verdict_text("rollback"))
    done = asking.ask(plugin)
    assert done.phase is AnalysisPhase.FAILED, done.message
    assert "connection refused to db:5432" in done.message
    served.note(rollback=done.phase.value)


@pytest.mark.chosen_parts
@pytest.mark.parametrize(
    ("verdict", "phase"),
    [("promote", AnalysisPhase.SUCCESSFUL), ("rollback", AnalysisPhase.FAILED)],
)
def test_a_data_part_is_read(
    served: Any, plugin: MetricProviderClient, verdict: str, phase: AnalysisPhase
) -> None:
    asking = served.asking()
    served.desk.lay(asking.uid, verdict_text(verdict), form="data")
    done = asking.ask(plugin)
    assert done.phase is phase, done.message
    assert where(done, asking.uid) == "task, data in artifact"


def test_a_promote_that_is_unsure_is_inconclusive(
    served: Any, plugin: MetricProviderClient
) -> None:
    asking = served.asking()
    served.desk.lay(asking.uid, verdict_text("promote", confidence=10))
    assert asking.ask(plugin).phase is AnalysisPhase.INCONCLUSIVE
