"""Progress of a long build, and commands with a log and a deadline."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_BEGAN = time.monotonic()
_POLL_SECONDS = 0.2
_SAY_SECONDS = 20.0
_TAIL_LINES = 25


class BuildError(Exception):
    """The build cannot go on; the text says what was found, what was expected and what to do."""


def say(text: str) -> None:
    """Prints one step with the seconds since the start."""
    print(f"==> [{time.monotonic() - _BEGAN:4.0f} s] {text}", file=sys.stderr, flush=True)


def run(  # noqa: PLR0913 - each says what it is, by name
    command: Sequence[str | Path],
    *,
    log: Path,
    seconds: float,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    progress: Callable[[], str] | None = None,
) -> None:
    """Runs a command with its output in `log`, which is appended to.

    Args:
        command: the program and its arguments.
        log: where stdout and stderr go.
        seconds: its deadline.
        cwd: its working folder.
        env: its whole environment; None: this one's.
        progress: what to say every twenty seconds while it runs.

    Raises:
        BuildError: it fails, is not there, or takes longer; the text ends with its last lines.
    """
    began = said = time.monotonic()
    with log.open("ab") as output:
        try:
            process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=env,
            )
        except OSError as error:
            raise BuildError(f"cannot start {command[0]}: {error}") from error
        try:
            while (code := _wait(process)) is None:
                now = time.monotonic()
                if now - began > seconds:
                    raise _failed(command, f"took more than {seconds:.0f} s", log)
                if progress is not None and now - said > _SAY_SECONDS:
                    said = now
                    say(f"    {progress()}")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if code:
        raise _failed(command, f"ended with exit code {code}", log)


def _wait(process: "subprocess.Popen[bytes]") -> int | None:
    try:
        return process.wait(_POLL_SECONDS)
    except subprocess.TimeoutExpired:
        return None


def _failed(command: Sequence[str | Path], what: str, log: Path) -> BuildError:
    lines = log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
    tail = "\n    ".join(line[:300] for line in lines)
    return BuildError(f"{command[0]} {what}; the end of {log}:\n    {tail}")
