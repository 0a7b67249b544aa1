"""A plugin ends with its host, however the host ends."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

SECONDS = 2.0
"""The promise of `serve`."""


@pytest.fixture
def host(programs: Path, echo_argv: list[str]) -> Iterator[Callable[[str], Any]]:
    """Starts a host that has started the plugin; returns the host, the plugin's pid and its socket."""
    started: list[tuple[subprocess.Popen[str], int]] = []

    def start(how: str) -> tuple[subprocess.Popen[str], int, Path]:
        argv = [sys.executable, str(programs / "dying_host.py"), how, *echo_argv]
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        started.append((process, told["pid"]))
        return process, told["pid"], Path(told["address"])

    yield start
    for process, pid in started:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        with suppress(ProcessLookupError):
            os.kill(pid, 9)


def gone(pid: int) -> bool:
    """Whether the process has ended; one that nobody reaps stays as a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
@pytest.mark.parametrize("how", ["connect", "wait"])
def test_a_killed_host_takes_its_plugin_with_it(
    host: Callable[[str], Any], how: str, until: Callable[..., None]
) -> None:
    process, pid, address = host(how)
    assert address.exists()
    process.kill()
    until(lambda: gone(pid), SECONDS)
    assert not address.parent.exists()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
def test_a_host_that_just_leaves_takes_its_plugin_with_it(
    host: Callable[[str], Any], until: Callable[..., None]
) -> None:
    process, pid, address = host("connect")
    process.stdin.close()
    until(lambda: gone(pid), SECONDS)
    assert not address.parent.exists()
