"""Ends process groups when the process that watches over them dies, in whatever way."""

import subprocess
import sys
from contextlib import suppress
from types import TracebackType
from typing import Self

__all__ = ["Watchdog"]

# Its stdin closes when the last holder of the pipe's other end is gone: only us, since file
# descriptors of subprocess are not inherited. The bare interpreter starts in 20 ms and needs 8 MB.
_PROGRAM = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)

def born(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[19]
    except OSError:
        return None

groups = {}
for line in sys.stdin:
    group = int(line[1:])
    if line[0] == "+":
        groups[group] = born(group)
    else:
        groups.pop(group, None)
for group, birth in groups.items():
    # A first process of another age: the group has ended, and its number is somebody else's.
    if born(group) in (birth, None):
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass
"""
_END_SECONDS = 5.0


class Watchdog:
    """A small process that kills the groups it knows once we are gone, be it by SIGKILL.

    PR_SET_PDEATHSIG would not do: it reaches a child, but not what the child started (the
    controller's plugin), and it fires when the thread that started the child ends.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
            bufsize=1,
        )

    def add(self, group: int) -> None:
        """From now on the group is killed when we die."""
        self._tell(f"+{group}\n")

    def discard(self, group: int) -> None:
        """The group has ended; its number may belong to others soon."""
        self._tell(f"-{group}\n")

    def close(self) -> None:
        """Ends the watchdog, and what it still knows."""
        assert self._process.stdin
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(_END_SECONDS)

    def _tell(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
