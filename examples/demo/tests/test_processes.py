"""Children come up in time or say why not, and never outlive the demo."""

import sys
from pathlib import Path

import pytest
from canary_demo.errors import DemoError
from canary_demo.processes import ChildProcess

STUBBORN = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready 7", flush=True)
signal.pause()
"""


def python(code: str, tmp_path: Path) -> ChildProcess:
    return ChildProcess("child", [sys.executable, "-c", code], tmp_path / "child.log")


def test_waits_for_a_line(tmp_path: Path) -> None:
    with python("print('ready 7', flush=True); input()", tmp_path) as child:
        assert child.wait_for_line(r"ready (\d)", 20)[1] == "7"


def test_an_early_end_is_told_with_the_log(tmp_path: Path) -> None:
    with (
        python("raise SystemExit('no such database')", tmp_path) as child,
        pytest.raises(DemoError, match=r"child ended with 1 at its start\n(?s:.*)no such database"),
    ):
        child.wait_for_line("ready", 20)


def test_a_silent_child_is_not_waited_for_longer_than_asked(tmp_path: Path) -> None:
    with (
        python("import signal; signal.pause()", tmp_path) as child,
        pytest.raises(DemoError, match=rf"child \(pid {child.pid}\) did not come up within 0 s"),
    ):
        child.wait_for_line("ready", 0)


def test_one_that_ignores_sigterm_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("canary_demo.processes._GRACE_SECONDS", 0.1)
    with python(STUBBORN, tmp_path) as child:
        child.wait_for_line("ready", 20)
    assert child.exit_code == -9


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match=r"agent cannot be started: /none/agent: No such file"):
        ChildProcess("agent", ["/none/agent"], tmp_path / "log")


def test_variables_can_be_kept_from_a_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEMO_TEST_A", "1")
    code = "import os; print('found', sorted(n for n in os.environ if n.startswith('DEMO_TEST')))"
    argv = [sys.executable, "-c", code]
    with ChildProcess("child", argv, tmp_path / "log", without="DEMO_TEST_") as child:
        assert child.wait_for_line(r"found (.*)", 20)[1] == "[]"
