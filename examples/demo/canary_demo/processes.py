"""Child processes whose output is a file, that are awaited with a deadline and ended by pid."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from .errors import DemoError, tail_of

__all__ = ["ChildProcess"]

_POLL_SECONDS = 0.02
_GRACE_SECONDS = 3.0
_KILL_SECONDS = 5.0


class ChildProcess:
    """One child process, started at once; leaving its context ends it.

    It gets a session of its own, so that Ctrl-C reaches the demo alone, which ends its children in
    order.

    Args:
        name: how errors call it.
        argv: program and arguments.
        log: file for stdout and stderr; overwritten.
        folder: its working folder.
        without: variables of the environment whose names begin so are not passed on; empty for all.

    Raises:
        DemoError: the program cannot be started.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str | Path],
        log: Path,
        *,
        folder: Path | None = None,
        without: str = "",
    ) -> None:
        self.name = name
        self.log = log
        self.started_at = time.time()
        with log.open("wb") as output:
            try:
                self._process = subprocess.Popen(
                    [str(part) for part in argv],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd=folder,
                    env=_environment(without),
                    start_new_session=True,
                )
            except OSError as error:
                raise DemoError(f"{name} cannot be started: {argv[0]}: {error.strerror}") from error

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._process.poll()

    def wait_for_line(self, pattern: str, seconds: float) -> re.Match[str]:
        """The first match of `pattern` in the log, within `seconds`.

        Raises:
            DemoError: the process ended before, or the time is up.
        """
        deadline = time.monotonic() + seconds
        while True:
            ended = self.exit_code
            found = re.search(pattern, self.log.read_text(errors="replace"), re.MULTILINE)
            if found:
                return found
            if ended is not None:
                raise DemoError(f"{self.name} ended with {ended} at its start\n{tail_of(self.log)}")
            if time.monotonic() > deadline:
                raise DemoError(
                    f"{self.name} (pid {self.pid}) did not come up within {seconds:g} s\n"
                    f"{tail_of(self.log)}"
                )
            time.sleep(_POLL_SECONDS)

    def has_said(self, pattern: str) -> bool:
        """Whether `pattern` is in the log."""
        return bool(re.search(pattern, self.log.read_text(errors="replace"), re.MULTILINE))

    def wait(self, seconds: float) -> int:
        """The exit code of a process that ends by itself within `seconds`.

        Raises:
            DemoError: it still runs.
        """
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise DemoError(
                f"{self.name} (pid {self.pid}) did not end within {seconds:g} s\n"
                f"{tail_of(self.log)}"
            ) from None

    def ask_to_end(self) -> None:
        """SIGTERM, without waiting."""
        with suppress(ProcessLookupError):
            self._process.terminate()

    def stop(self) -> None:
        """SIGTERM, and SIGKILL to it and its children where that was not enough within 3 s."""
        self.ask_to_end()
        try:
            self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            # Not reaped yet, so its id is still that of its own process group.
            os.killpg(self.pid, signal.SIGKILL)
            self._process.wait(_KILL_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _environment(without: str) -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if not (without and name.startswith(without))
    }
