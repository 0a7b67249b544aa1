"""Runs a program where the official controller image would: an empty root, as uid 999.

No libc, no shell, no Python on disk; the root is read-only, `/tmp` is a small file system of its own, the
network namespace has loopback only. An agent and a name server wait there too, outside of that root.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest

AGENT_PORT = 8443
HOME = "/home/argo-rollouts"
USER = 999
_INSIDE = Path(__file__).with_name("inside_empty_root.py")
_SPARE_SECONDS = 60.0


@dataclass(frozen=True)
class Run:
    """What to run in the empty root.

    Attributes:
        argv: the program, as its path in the root, and its arguments.
        programs: executables to put there: path in the root, file outside.
        files: texts to put there, by path in the root.
        environment: all environment variables.
        stdin: what it reads.
        tmp: mount options of `/tmp`.
        agent_url: how the agent calls itself.
        certificate: PEM text of the agent's certificate and key; empty: it speaks plain HTTP.
        names: addresses that the name server knows; None: it never answers.
        seconds: the program's deadline.
    """

    argv: list[str]
    programs: Mapping[str, str]
    files: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    stdin: str = ""
    tmp: str = "noexec,size=1m"
    agent_url: str = f"http://127.0.0.1:{AGENT_PORT}"
    certificate: str = ""
    names: Mapping[str, str] | None = field(default_factory=dict)
    seconds: float = 90.0


@dataclass(frozen=True)
class Outcome:
    """What became of it.

    Attributes:
        code: the exit code; negative: the signal.
        stdout: what it wrote.
        stderr: what it wrote.
        left: what lay in `/tmp` after its end.
        asked: the names that the name server was asked for.
        calls: the methods that the agent was called with.
    """

    code: int
    stdout: str
    stderr: str
    left: list[str]
    asked: list[str]
    calls: list[str]


def run_in_empty_root(run: Run, folder: Path) -> Outcome:
    """Runs it and waits for its end.

    Skips the calling test where the user may not make namespaces.

    Args:
        run: what to run.
        folder: an empty folder, which the root is mounted on.
    """
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("an empty root needs root and unshare (util-linux): run make test as root")
    # In a pid namespace of its own all ends with the first process, whatever happens.
    done = subprocess.run(
        [
            *("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child"),
            *(sys.executable, _INSIDE, folder),
        ],
        input=json.dumps(asdict(run)),
        capture_output=True,
        text=True,
        timeout=run.seconds + _SPARE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return Outcome(**json.loads(done.stdout))
