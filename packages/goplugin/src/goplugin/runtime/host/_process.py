"""The plugin's process: its start, its two pipes, its end (client.go: Start, logStderr; cmdrunner)."""

from __future__ import annotations

import os
import signal
import subprocess
from collections import deque
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import IO, TYPE_CHECKING, cast

from goplugin.runtime._errors import PluginError
from goplugin.runtime._reactor import READ, Reactor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_READ_BYTES = 64 * 1024
_MAX_LINE_BYTES = 64 * 1024
_TAIL_LINES = 20
_TAIL_CHARS = 500


class _Lines:
    """Cuts a pipe's bytes into lines; a longer one than 64 KiB is cut into pieces, as Go's host does."""

    def __init__(self, each: Callable[[str], None]) -> None:
        self._each = each
        self._rest = b""

    def feed(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._emit(line)
        while len(self._rest) > _MAX_LINE_BYTES:
            self._emit(self._rest[:_MAX_LINE_BYTES])
            self._rest = self._rest[_MAX_LINE_BYTES:]

    def end(self) -> None:
        if self._rest:
            self._emit(self._rest)
            self._rest = b""

    def _emit(self, line: bytes) -> None:
        self._each(line.removesuffix(b"\r").decode(errors="surrogateescape"))


class PluginProcess:
    """A started plugin, leader of a process group of its own, so that what it starts can be ended with it.

    Args:
        argv: Program and arguments.
        env: Its whole environment.
        reactor: Watches its pipes.
        on_stdout: Gets each line of stdout; None once at its end. Called in the reactor's thread.
        on_stderr: Gets each line of stderr, likewise.

    Raises:
        PluginError: The program cannot be started.
    """

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        reactor: Reactor,
        *,
        on_stdout: Callable[[str | None], None],
        on_stderr: Callable[[str], None],
    ) -> None:
        self._reactor = reactor
        self._stderr_ended = Event()
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._on_stderr = on_stderr
        try:
            self._popen = subprocess.Popen(  # noqa: S603 - starting what the caller names is this class's purpose
                list(argv),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(env),
                process_group=0,
            )
        except (OSError, ValueError) as error:
            raise PluginError(f"cannot start the plugin {argv[0]!r}: {error}") from error
        self._watch(self._popen.stdout, _Lines(on_stdout), lambda: on_stdout(None))
        self._watch(self._popen.stderr, _Lines(self._take_stderr), self._stderr_ended.set)

    def _watch(
        self, popen_pipe: IO[bytes] | None, lines: _Lines, ended: Callable[[], None]
    ) -> None:
        pipe = cast("IO[bytes]", popen_pipe)  # Popen was told to make it

        def ready(_events: int) -> None:
            data = os.read(pipe.fileno(), _READ_BYTES)
            if data:
                lines.feed(data)
                return
            self._reactor.unwatch(pipe)
            pipe.close()
            lines.end()
            ended()

        self._reactor.post(lambda: self._reactor.watch(pipe, READ, ready))

    def _take_stderr(self, line: str) -> None:
        self._tail.append(line[:_TAIL_CHARS])
        self._on_stderr(line)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """None while it lives; negative: the signal that ended it."""
        return self._popen.poll()

    @property
    def last_stderr_lines(self) -> tuple[str, ...]:
        """At most 20, oldest first, each cut at 500 characters."""
        return tuple(self._tail)

    def wait(self, seconds: float) -> int | None:
        """The exit code, once it has ended; None when it lives on after that time."""
        with suppress(subprocess.TimeoutExpired):
            code = self._popen.wait(seconds)
            # its last lines may still be in the pipe; a child that holds the pipe open must not hold us up
            self._stderr_ended.wait(min(seconds, 0.5))
            return code
        return None

    def terminate(self) -> None:
        """SIGTERM to the process alone. Silent where it has ended."""
        self._popen.terminate()

    def kill(self) -> None:
        """SIGKILL to the process and all of its group. Silent where nothing is left."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Close what is left of the pipes; the reactor no longer runs."""
        for pipe in (self._popen.stdout, self._popen.stderr):
            if pipe is not None:
                pipe.close()


def remove_socket(address: str) -> None:
    """Remove what a killed plugin left: its socket, and the folder made for it (`plugin...`, empty now)."""
    path = Path(address)
    with suppress(OSError):
        path.unlink(missing_ok=True)
        if path.parent.name.startswith("plugin"):
            path.parent.rmdir()
