"""From a question to a verdict, with progress."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from canary_agent.analysis import analyse
from canary_agent.collect import CollectError, ContainerLog, Sample, Side, Source
from canary_agent.evidence import PolicyError
from canary_verdict import CanaryRequest, CanaryVerdict
from metric_ai.exits import CommandError
from metric_ai.terminal import Progress, Terminal

from ._asked import Question

# Reading is most of the work; what follows is not to be measured from outside.
_READING = 0.9


def judge(terminal: Terminal, question: Question, save: Path | None) -> CanaryVerdict:
    """The verdict as it is now; nothing is waited for.

    Args:
        terminal: for the progress.
        question: what is asked, and where logs come from.
        save: a bundle to be written.

    Raises:
        CommandError: nothing can be read, or the policy cannot be followed.
    """
    with terminal.progress(question.first_step) as progress:
        source = _Told(question.source, progress)
        try:
            return analyse(question.request, source, lambda: False, save)
        except CollectError as error:
            raise CommandError(str(error), question.advice) from error
        except PolicyError as error:
            raise CommandError(str(error), "correct --accept") from error
        except OSError as error:
            where = error.filename or save or ""
            raise CommandError(
                f"{where}: {error.strerror or error}", "is there room, and may you write there?"
            ) from error


class _Told:
    """A source that tells how much of its logs has been read."""

    def __init__(self, otherwise: Source, progress: Progress) -> None:
        self._otherwise = otherwise
        self._progress = progress
        self._logs = 0
        self._read = 0

    def collect(self, request: CanaryRequest, cancelled: Callable[[], bool]) -> Sample:
        """See `Source.collect`."""
        sample = self._otherwise.collect(request, cancelled)
        self._logs = len(sample.stable.logs) + len(sample.canary.logs)
        self._progress.step(f"reading {self._logs} logs", 0)
        return replace(sample, stable=self._side(sample.stable), canary=self._side(sample.canary))

    def _side(self, side: Side) -> Side:
        return replace(side, logs=tuple(self._log(log) for log in side.logs))

    def _log(self, log: ContainerLog) -> ContainerLog:
        def read() -> Iterator[bytes]:
            yield from log.read()
            self._read += 1
            if self._read < self._logs:
                done = _READING * self._read / self._logs
                self._progress.step(f"read {self._read} of {self._logs} logs", done)
            else:
                self._progress.step("comparing", _READING)

        return replace(log, read=read)
