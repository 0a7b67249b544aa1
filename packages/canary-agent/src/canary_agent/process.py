"""One analysis, one child process. Children load this module, so it imports little.

Why not a thread: an analysis is pure computing, and beside two of them a thread of the same interpreter
waits tens of milliseconds for each answer to a client; a thread cannot be stopped either. Children
are forked from a server process that has the analysis loaded already, so one starts in milliseconds.
"""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import forkserver, get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import TypeAlias

from canary_agent import figures
from canary_verdict import CanaryRequest, CanaryVerdict, parse_request

Cancelled: TypeAlias = Callable[[], bool]
Analyser: TypeAlias = Callable[[CanaryRequest, Cancelled], CanaryVerdict]
"""What a child runs: raises any exception where there can be no verdict. It must be picklable, and ask
`cancelled` at least every few seconds: each such call is the task's sign of life."""

STOP_GRACE = 2.0
"""Seconds that a child has to stop by itself before it is killed."""
BEAT_INTERVAL = 0.5
BEAT, FIGURES, VERDICT, FAILED, STOPPED = "beat", "figures", "verdict", "failed", "stopped"
MAX_FAILURE = 900
MAX_MESSAGE = 16 * 1024 * 1024
_NICENESS = 5  # answers to clients go before computing


class AnalysisStoppedError(Exception):
    """The analysis was told to stop."""


class AnalysisFailedError(Exception):
    """The analysis raised an exception, which the text names; another try would do the same."""


class AnalysisCrashedError(Exception):
    """The child ended without a word; the text says how."""


@dataclass(frozen=True, slots=True)
class ChildTask:
    """What a child is given.

    Attributes:
        prepare: runs first in it, with the ids by which its log lines are found.
        trace: the id of the trace that it belongs to; empty for none.
    """

    task_id: str
    request: str
    analyser: Analyser
    prepare: Callable[[dict[str, str]], None] | None = None
    trace: str = ""


def forking_context(preload: Sequence[str]) -> ForkServerContext:
    """A context whose children start with the modules `preload` loaded."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a process that forks has one thread
    context = get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    forkserver.ensure_running()
    return context


class AnalysisProcess:
    """Runs one analysis; `stop` and `last_sign` may be used from other threads meanwhile."""

    def __init__(self, context: ForkServerContext, task: ChildTask) -> None:
        self._context = context
        self._task = task
        self._ours, self._theirs = context.Pipe()
        self._stop_at = 0.0
        self._pipe_lock = threading.Lock()
        self.last_sign = time.time()
        """When the analysis last showed that it goes on, in seconds since the epoch."""
        self.figures = ""
        """What the child told of its work, for `figures.read`."""

    def stop(self) -> None:
        """Tells the analysis to stop; where it does not within `STOP_GRACE`, it is killed."""
        with self._pipe_lock:
            if self._stop_at or self._ours.closed:
                return
            self._stop_at = time.monotonic()
            try:
                self._ours.send_bytes(b"stop")
            except OSError:
                return  # the child has ended already; run() finds out

    def run(self) -> str:
        """Runs the analysis to its end and returns the verdict as JSON text.

        Raises:
            AnalysisStoppedError: `stop` was called.
            AnalysisFailedError: there can be no verdict.
            AnalysisCrashedError: the child died, or sent what nobody can read.
        """
        try:
            child = self._start()
            try:
                return self._follow(child.sentinel)
            except (EOFError, OSError, ValueError) as error:
                child.join(STOP_GRACE)
                if self._stop_at:
                    raise AnalysisStoppedError from error
                raise AnalysisCrashedError(_how_it_ended(child.exitcode)) from error
            finally:
                self._end(child)
        finally:
            with self._pipe_lock:
                self._ours.close()

    def _start(self) -> ForkServerProcess:
        try:
            if self._stop_at:
                raise AnalysisStoppedError
            child = self._context.Process(
                target=run_child, args=(self._theirs, self._task), daemon=True
            )
            child.start()
        except OSError as error:
            raise AnalysisCrashedError(f"its process cannot be started: {error}") from error
        finally:
            self._theirs.close()
        return child

    def _end(self, child: ForkServerProcess) -> None:
        if child.is_alive():
            child.join(0 if self._stop_at else STOP_GRACE)
            child.kill()
            child.join()
        child.close()

    def _follow(self, sentinel: int) -> str:
        while True:
            ready = wait([self._ours, sentinel], timeout=BEAT_INTERVAL)
            if self._stop_at and time.monotonic() - self._stop_at > STOP_GRACE:
                raise AnalysisStoppedError
            if self._ours in ready:
                kind, text = _parse(self._ours.recv_bytes(MAX_MESSAGE))
                self.last_sign = time.time()
                if kind == FIGURES:
                    self.figures = text
                if kind == STOPPED:
                    raise AnalysisStoppedError
                if kind == FAILED:
                    raise AnalysisFailedError(text)
                if kind == VERDICT:
                    return text
            elif sentinel in ready:
                raise EOFError


def run_child(pipe: Connection, task: ChildTask) -> None:
    """The child's main function: the analysis, its beats, and its outcome as one last message."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to answer
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.nice(_NICENESS)
    stopped = threading.Event()
    threading.Thread(target=_listen, args=(pipe, stopped), daemon=True).start()
    figures.begin()
    message = last_message(pipe, task, stopped)
    _send(pipe, (FIGURES, figures.told()))
    _send(pipe, message)


def last_message(pipe: Connection, task: ChildTask, stopped: threading.Event) -> tuple[str, str]:
    """Runs the analysis in this process; returns the kind and text of the message that ends it."""
    try:
        request = parse_request(json.loads(task.request))
        if task.prepare is not None:
            ids = {"task": task.task_id, "run": request.run.uid}
            task.prepare({**ids, "namespace": request.run.namespace, "trace": task.trace})
        verdict = task.analyser(request, _Beat(pipe, stopped))
        return VERDICT, json.dumps(verdict.to_json(), ensure_ascii=False, allow_nan=False)
    except Exception as error:  # noqa: BLE001  # whatever it is, the asker is told
        if stopped.is_set():
            return STOPPED, ""
        return FAILED, f"{type(error).__name__}: {error}"[:MAX_FAILURE]


class _Beat:
    """The `cancelled` that an analysis asks; asking is its sign of life."""

    def __init__(self, pipe: Connection, stopped: threading.Event) -> None:
        self._pipe = pipe
        self._stopped = stopped
        self._next = 0.0

    def __call__(self) -> bool:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + BEAT_INTERVAL
            _send(self._pipe, (BEAT, ""))
        return self._stopped.is_set()


def _listen(pipe: Connection, stopped: threading.Event) -> None:
    """Waits for the word to stop; a server that is gone ends the child at once."""
    try:
        pipe.recv_bytes(16)
    except (EOFError, OSError):
        os._exit(1)
    stopped.set()
    try:
        pipe.recv_bytes(16)
    except (EOFError, OSError):
        os._exit(1)


def _send(pipe: Connection, message: tuple[str, str]) -> None:
    pipe.send_bytes(json.dumps(message).encode())


def _parse(data: bytes) -> tuple[str, str]:
    # JSON and not pickle: a child reads foreign logs, so what it sends is not to be trusted.
    kind, text = json.loads(data)
    return str(kind), str(text)


def _how_it_ended(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        name = signal.Signals(-exitcode).name
        hint = ", perhaps for want of memory" if exitcode == -signal.SIGKILL else ""
        return f"its process was ended by {name}{hint}"
    return f"its process ended with exit code {exitcode} before it had an outcome"
