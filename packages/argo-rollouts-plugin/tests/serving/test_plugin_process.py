"""Plugins as child processes, called through the controller's side in Python."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from argo_rollouts_plugin import serve
from argo_rollouts_plugin.client import MetricProviderClient
from argo_rollouts_plugin.v1alpha1 import AnalysisRun, Measurement, Metric, ObjectMeta
from goplugin import LogLine, PluginError

Plugin = Callable[..., MetricProviderClient]
RUN = AnalysisRun(metadata=ObjectMeta(uid="u-1"))
HANG = Metric(name="hang")
METRIC = Metric(name="m")


@pytest.fixture
def late(plugin: Plugin, tmp_path: Path) -> Callable[..., tuple[MetricProviderClient, Path]]:
    """The plugin that is imported late, and the file that its init wants."""

    def start(**options: object) -> tuple[MetricProviderClient, Path]:
        return plugin("late_plugin", str(tmp_path / "ready"), **options), tmp_path / "ready"

    return start


Late = Callable[..., tuple[MetricProviderClient, Path]]


def test_a_failing_init_is_tried_again_without_init_plugin(late: Late) -> None:
    client, ready = late()
    assert client.type() == "Late"
    assert client.init_plugin().error_string == "FileNotFoundError: not yet"
    failed = client.run(RUN, METRIC)
    assert failed.phase == "Error"
    assert failed.message == "failed to run via plugin: FileNotFoundError: not yet"
    assert client.garbage_collect(RUN, METRIC, 1).error_string == "FileNotFoundError: not yet"
    said = {"error": "failed to get metadata via plugin: FileNotFoundError: not yet"}
    assert client.get_metadata(METRIC) == said
    ready.touch()
    assert client.run(RUN, METRIC).phase == "Successful"
    assert client.init_plugin().error_string == ""
    assert client.get_metadata(METRIC) == {}


def test_hanging_calls_neither_stop_others_nor_the_end(late: Late) -> None:
    client, ready = late(call_timeout=60)
    ready.touch()
    with ThreadPoolExecutor(2) as callers:
        hanging = [callers.submit(client.run, RUN, HANG) for _ in range(2)]
        # Two threads measure, both hang; what is no measuring still answers, and so does ping.
        assert client.type() == "Late"
        assert client.get_metadata(METRIC) == {}
        assert client.ping() >= 0
        assert client.quit() == 0
        for call in hanging:
            assert call.result(60).phase == "Error"
            assert call.result().message.startswith("Run rpc call error: ")


def test_a_call_that_takes_too_long_is_an_error(late: Late) -> None:
    client, ready = late(call_timeout=0.2)
    ready.touch()
    client.type()
    found = client.run(RUN, HANG)
    assert found.phase == "Error"
    assert found.finished_at is not None


def test_a_dead_plugin_is_an_error_everywhere(late: Late) -> None:
    client, ready = late()
    ready.touch()
    assert client.pid > 0
    client.kill(0)
    assert client.run(RUN, METRIC).message.startswith("Run rpc call error: ")
    assert client.resume(RUN, METRIC, Measurement()).message.startswith("Resume rpc call error: ")
    assert client.terminate(RUN, METRIC, Measurement()).phase == "Error"
    assert client.init_plugin().error_string.startswith("InitPlugin rpc call error: ")
    assert client.type().startswith("Type rpc call error: ")
    assert client.get_metadata(METRIC)["error"].startswith("GetMetadata rpc call error: ")
    with pytest.raises(PluginError):
        client.ping()


def test_a_client_has_to_be_started() -> None:
    client = MetricProviderClient(["/nowhere"])
    with pytest.raises(RuntimeError, match="the plugin is not started"):
        client.type()
    with pytest.raises(PluginError), client:
        pytest.fail("there is no such program")


def test_many_calls_at_once(late: Late) -> None:
    client, ready = late()
    ready.touch()
    with ThreadPoolExecutor(50) as callers:
        found = list(callers.map(lambda _: client.run(RUN, METRIC), range(200)))
    assert {one.phase for one in found} == {"Successful"}


def test_an_analysis_run_of_a_megabyte(late: Late) -> None:
    client, ready = late()
    ready.touch()
    annotations = {f"note-{number}": "x" * 1000 for number in range(1000)}
    large = AnalysisRun(metadata=ObjectMeta(uid="u-1", annotations=annotations))
    assert client.run(large, METRIC).phase == "Successful"
    assert client.run(RUN, METRIC).phase == "Successful"


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("", {"at info", "at error"}),
        ("info", {"at info", "at error"}),
        ("DEBUG", {"at debug", "at info", "at error"}),
        ("trace", {"at debug", "at info", "at error"}),
        ("warn", {"at error"}),
        ("error", {"at error"}),
        ("panic", set()),
        ("loud", {"at info", "at error"}),
    ],
)
def test_log_level(plugin: Plugin, level: str, expected: set[str]) -> None:
    lines: list[LogLine] = []
    client = plugin("mirror_plugin", env=dict(os.environ, LOG_LEVEL=level), on_log=lines.append)
    client.run(RUN, METRIC)
    client.kill()
    said = {line.message for line in lines}
    assert {message for message in said if message.startswith("at ")} == expected
    warned = [
        line for line in lines if line.message.startswith("LOG_LEVEL is 'loud', which is none of")
    ]
    assert [line.level for line in warned] == (["warn"] if level == "loud" else [])


def test_errors_are_logged_with_their_traceback_once(plugin: Plugin) -> None:
    lines: list[LogLine] = []
    client = plugin("mirror_plugin", on_log=lines.append)
    client.run(RUN, METRIC)
    client.kill()
    (line,) = [line for line in lines if line.message.startswith("run failed: KeyError")]
    assert line.level == "warn"
    assert "Traceback" in str(line)


def test_started_by_hand_it_returns_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert serve(lambda: pytest.fail("it makes no provider")) == 1
    assert "This program is a plugin" in capsys.readouterr().err


def test_no_threads_are_too_few() -> None:
    with pytest.raises(ValueError, match="threads is 0; a plain method needs at least 1"):
        serve(lambda: pytest.fail("it makes no provider"), threads=0)


def test_the_client_leaves_no_thread_behind(plugin: Plugin) -> None:
    before = threading.active_count()
    with plugin("mirror_plugin") as client:
        client.type()
    assert threading.active_count() <= before
