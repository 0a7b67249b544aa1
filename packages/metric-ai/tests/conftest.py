"""Commands as they are typed: into a pipe, and at a terminal of so many columns."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from kubernetes_api import KubernetesApi, kubeconfig, serving
from running import write_logs

PROGRAM = Path(sys.executable).with_name("metric-ai")
SECONDS = 60.0


@dataclass
class Typed:
    """What came of a command."""

    code: int
    out: str
    err: str = ""


@dataclass
class Shell:
    """Where commands are typed: a folder, and variables that none of the machine's own cluster is in."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    def type(self, *words: str | Path, stdin: str = "", program: Path = PROGRAM) -> Typed:
        """Into a pipe."""
        done = subprocess.run(
            [program, *words],
            cwd=self.folder,
            env=self._environment({}),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return Typed(done.returncode, done.stdout, done.stderr)

    def start(self, *words: str | Path) -> subprocess.Popen[str]:
        """Into a pipe, without waiting for its end."""
        return subprocess.Popen(
            [PROGRAM, *words],
            cwd=self.folder,
            env=self._environment({}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def at_terminal(self, *words: str | Path, columns: int = 100, **variables: str) -> Typed:
        """At a terminal, on which output and errors come together."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        process = subprocess.Popen(
            [PROGRAM, *words],
            cwd=self.folder,
            env=self._environment({"TERM": "xterm-256color", **variables}),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        try:
            return Typed(*_read(process, ours))
        finally:
            os.close(ours)
            process.kill()

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        own = {"HOME": str(self.folder), "PATH": os.environ["PATH"], "TERM": "dumb"}
        # What coverage measures child processes by.
        kept = {name: text for name, text in os.environ.items() if name.startswith("COVERAGE")}
        return {**kept, **own, **self.variables, **more}


def _read(process: subprocess.Popen[bytes], ours: int) -> tuple[int, str]:
    deadline = time.monotonic() + SECONDS
    output = b""
    while True:
        assert time.monotonic() < deadline, output
        if not select.select([ours], [], [], 0.1)[0]:
            if process.poll() is not None:
                break
            continue
        try:
            chunk = os.read(ours, 65536)
        except OSError:
            break  # the other end is closed
        if not chunk:
            break
        output += chunk
    return process.wait(SECONDS), output.decode()


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logs of a canary that fails every fifth request: stable/ and canary/."""
    folder = tmp_path_factory.mktemp("logs")
    write_logs(folder, canary_fails=True)
    return folder


@pytest.fixture(scope="session")
def good_logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logs of a canary that is like stable."""
    folder = tmp_path_factory.mktemp("good-logs")
    write_logs(folder, canary_fails=False, lines=2000)
    return folder


@pytest.fixture
def cluster(shell: Shell, tmp_path: Path) -> Iterator[KubernetesApi]:
    """A cluster that the shell's commands ask."""
    with serving() as api:
        path = kubeconfig(tmp_path / "kubeconfig", api, user={"token": "word"})
        shell.variables["KUBECONFIG"] = str(path)
        yield api


@pytest.fixture
def sides() -> Callable[[Path], tuple[str, ...]]:
    """The options that name both sides of a folder of logs."""

    def options(folder: Path) -> tuple[str, ...]:
        stable, canary = str(folder / "stable"), str(folder / "canary")
        return ("--stable-logs", stable, "--canary-logs", canary)

    return options
