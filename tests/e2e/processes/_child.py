"""One child process in a session of its own."""

import re
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from ._groups import kill_group, members_of
from ._watchdog import Watchdog

__all__ = ["Child", "ChildError", "tail_of"]

_POLL_SECONDS = 0.02
_GRACE_SECONDS = 5.0
_TAIL_BYTES = 4096


class ChildError(Exception):
    """A child process did not do what it was started for."""


def tail_of(log: Path, size: int = _TAIL_BYTES) -> str:
    """The last lines of a file, at most `size` bytes; a placeholder where there is none."""
    if not log.is_file():
        return "(no log)"
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - size))
        return file.read(size).decode(errors="replace") or "(the log is empty)"


class Child:
    """A program that runs until it is ended here, with everything it has started.

    It leads a process group of its own, so that Ctrl-C reaches us alone and `kill_group` reaches
    what it started, also after its own death (a controller's plugin stays behind).

    Args:
        name: how errors call it.
        argv: program and arguments.
        log: file for stdout and stderr, appended to.
        watchdog: ends it should we die.
        folder: its working folder.
        environment: the whole of it; default: ours.

    Raises:
        ChildError: the program cannot be started.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str | Path],
        log: Path,
        watchdog: Watchdog,
        *,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._watchdog = watchdog
        with log.open("ab") as output:
            self._log_begin = output.tell()
            try:
                self._process = subprocess.Popen(
                    [str(part) for part in argv],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd=folder,
                    env=environment,
                    start_new_session=True,
                )
            except OSError as error:
                raise ChildError(f"{name} cannot be started: {argv[0]}: {error.strerror}") from None
        watchdog.add(self.pid)

    @property
    def pid(self) -> int:
        """Its process id, and its group's."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def output(self) -> str:
        """What it has printed since it was started."""
        with self.log.open("rb") as file:
            file.seek(self._log_begin)
            return file.read().decode(errors="replace")

    def wait_for(self, what: str, check: Callable[[], bool], seconds: float) -> None:
        """Returns once `check` holds.

        Raises:
            ChildError: the process ended before, or the time is up.
        """
        deadline = time.monotonic() + seconds
        while not check():
            if not self.running:
                code = self._process.returncode
                raise ChildError(
                    f"{self.name} ended with {code} before {what}; {self.log}:\n{self.tail()}"
                )
            if time.monotonic() > deadline:
                raise ChildError(
                    f"{self.name} (pid {self.pid}): no {what} within {seconds:g} s;"
                    f" {self.log}:\n{self.tail()}"
                )
            time.sleep(_POLL_SECONDS)

    def wait_for_line(self, pattern: str, seconds: float) -> re.Match[str]:
        """The first match of `pattern` in its output; errors as in `wait_for`."""
        found: list[re.Match[str]] = []

        def printed() -> bool:
            match = re.search(pattern, self.output(), re.MULTILINE)
            found.extend([match] if match else [])
            return match is not None

        self.wait_for(f"line like {pattern!r}", printed, seconds)
        return found[0]

    def tail(self) -> str:
        """The last lines of its log."""
        return tail_of(self.log)

    def others(self) -> list[int]:
        """Process ids of the rest of its group, also after its own death."""
        reaped = self._process.returncode is not None
        members = members_of(self.pid)
        if reaped and self.pid in members:
            return []  # the number is somebody else's by now
        return [pid for pid in members if pid != self.pid]

    def kill(self) -> None:
        """SIGKILL to itself alone; what it started stays."""
        with suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait(_GRACE_SECONDS)

    def kill_group(self) -> None:
        """SIGKILL to itself and all it started."""
        kill_group(self.pid, reaped=self._process.returncode is not None)
        self._process.wait(_GRACE_SECONDS)
        self._watchdog.discard(self.pid)

    def stop(self, seconds: float = _GRACE_SECONDS) -> None:
        """SIGTERM, and after `seconds` SIGKILL to whatever is left of its group."""
        with suppress(ProcessLookupError):
            self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self.kill_group()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
