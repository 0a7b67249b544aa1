"""What is started here ends with us, whatever becomes of us."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from processes import Child, ChildError, Watchdog, free_ports
from running import wait_for

# A program that starts another one, says both ids, and would live for long.
PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
print(os.getpid(), child.pid, flush=True)
time.sleep(300)
"""
# A test run that has such a program under its watchdog and is then killed.
OWNER = """
import sys, time
from pathlib import Path
from processes import Child, Watchdog
child = Child("program", [sys.executable, "-c", sys.argv[1]], Path(sys.argv[2]), Watchdog())
child.wait_for_line(r"\\d+ \\d+", 30)
print("ready", flush=True)
time.sleep(300)
"""


@pytest.fixture
def watchdog() -> Iterator[Watchdog]:
    with Watchdog() as one:
        yield one


def started(log: Path, watchdog: Watchdog, program: str = PARENT) -> Child:
    return Child("program", [sys.executable, "-c", program], log, watchdog)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_all_ends_when_its_owner_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, PARENT, str(log)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
    )
    with owner:
        assert owner.stdout
        owner.stdout.readline()
        pids = [int(word) for word in log.read_text().split()]
        assert all(alive(pid) for pid in pids)
        owner.send_signal(signal.SIGKILL)

    def ended() -> bool:
        return not any(alive(pid) for pid in pids)

    wait_for(ended)


def test_what_a_killed_child_leaves_behind_is_known_and_ended(
    tmp_path: Path, watchdog: Watchdog
) -> None:
    child = started(tmp_path / "log", watchdog)
    left = int(child.wait_for_line(r"\d+ (\d+)", 30)[1])
    child.kill()
    assert child.others() == [left]
    child.stop()
    wait_for(
        lambda: not alive(left)
    )  # the kernel takes a moment over a signal to somebody else's child
    assert child.others() == []


def test_a_child_that_ignores_sigterm_is_killed(tmp_path: Path, watchdog: Watchdog) -> None:
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + PARENT
    child = started(tmp_path / "log", watchdog, stubborn)
    child.wait_for_line(r"\d+ \d+", 30)
    child.stop(seconds=0.1)
    assert not child.running


def test_an_early_end_is_an_error_with_the_log(tmp_path: Path, watchdog: Watchdog) -> None:
    child = started(tmp_path / "log", watchdog, "print('no such option'); raise SystemExit(3)")
    with pytest.raises(ChildError, match=r"(?s)program ended with 3 before.*no such option"):
        child.wait_for("port", lambda: False, 30)
    child.stop()


def test_waiting_has_a_deadline(tmp_path: Path, watchdog: Watchdog) -> None:
    with started(tmp_path / "log", watchdog) as child:
        began = time.monotonic()
        with pytest.raises(ChildError, match=r"no port within 0.1 s"):
            child.wait_for("port", lambda: False, 0.1)
        assert time.monotonic() - began < 30


def test_a_program_that_is_not_there_is_named(tmp_path: Path, watchdog: Watchdog) -> None:
    with pytest.raises(ChildError, match="program cannot be started: /no/such: No such file"):
        Child("program", ["/no/such"], tmp_path / "log", watchdog)


def test_output_begins_with_the_latest_start(tmp_path: Path, watchdog: Watchdog) -> None:
    for word in ("first", "second"):
        child = started(tmp_path / "log", watchdog, f"print({word!r})")
        child.wait_for_line(word, 30)
        child.stop()
    assert child.output() == "second\n"
    assert (tmp_path / "log").read_text() == "first\nsecond\n"


def test_free_ports_differ() -> None:
    assert len(set(free_ports(20))) == 20
