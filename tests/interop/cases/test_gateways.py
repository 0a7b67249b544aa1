"""Servers in front of agents: the version header to the letter, long ids, times without a zone."""

from collections.abc import Callable

import pytest
from asking import Asking
from desk import verdict_text
from gateway import Gateway, serving
from running import wait_for

from argo_rollouts_plugin.client import MetricProviderClient
from argo_rollouts_plugin.v1alpha1 import AnalysisPhase

Start = Callable[[], MetricProviderClient]
VERSIONS = [("1.0",), ("0.3",), ("1.0", "0.3")]


@pytest.mark.parametrize("versions", VERSIONS, ids="-".join)
def test_the_version_header_is_exact(
    versions: tuple[str, ...], plugin: MetricProviderClient
) -> None:
    with serving(Gateway(*versions)) as gateway:
        asking = Asking(gateway.url)
        first = asking.run(plugin)
        assert first.phase is AnalysisPhase.RUNNING, first.message
        gateway.verdict = verdict_text("promote").replace("{runUid}", asking.uid)
        gateway.state = "completed"
        done = asking.follow(plugin, first)
    assert done.phase is AnalysisPhase.SUCCESSFUL, done.message
    assert {header for header, _ in gateway.calls} == {versions[0]}


def test_ids_of_73_characters_and_times_without_a_zone_survive_a_restart(start: Start) -> None:
    with serving(Gateway("1.0")) as gateway:
        asking = Asking(gateway.url)
        killed = start()
        first = asking.run(killed)
        killed.kill(0)
        assert len(first.metadata["taskId"]) == 73
        gateway.verdict = verdict_text("rollback").replace("{runUid}", asking.uid)
        gateway.state = "completed"
        done = asking.follow(start(), first)
    assert done.phase is AnalysisPhase.FAILED, done.message
    assert done.metadata["taskId"] == gateway.task_id
    assert [method for _, method in gateway.calls].count("SendMessage") == 1


@pytest.mark.parametrize("version", ["1.0", "0.3"])
def test_terminate_speaks_the_version_of_the_task(
    version: str, plugin: MetricProviderClient
) -> None:
    with serving(Gateway(version)) as gateway:
        asking = Asking(gateway.url)
        ended = asking.terminate(plugin, asking.run(plugin))
        assert ended.phase is AnalysisPhase.INCONCLUSIVE

        def cancelled() -> bool:
            return gateway.state == "canceled"

        wait_for(cancelled)
