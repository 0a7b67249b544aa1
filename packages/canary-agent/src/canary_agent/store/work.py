"""The two steps of an analysis: run it in a child process, and write down how it ended."""

import functools
import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TypeVar

from canary_agent.process import (
    Analyser,
    AnalysisCrashedError,
    AnalysisFailedError,
    AnalysisProcess,
    AnalysisStoppedError,
    ChildTask,
    forking_context,
)

from .database import out_of_reach
from .durable import DrainedError
from .following import Following, FollowUp
from .records import Outcome, TaskRecord, TaskState
from .tasks import TaskStore

MAX_ATTEMPTS = 3
"""Analyses of one task that may end in a crash, of the child or of the whole agent."""
OUTAGE_RETRY = 1.0
LONGEST_OUTAGE = 3600.0
"""Seconds for which a step waits for the database."""

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Work:
    """The analyses that run in this process.

    Args:
        analyser: what a child process runs.
        preload: modules that the children's parent loads once.
        prepare: run first in each child with its ids, to set up its logging.
        follow_up: what is done about a verdict; None: nothing.

    Attributes:
        following: what is done about verdicts.
    """

    def __init__(
        self,
        analyser: Analyser,
        preload: tuple[str, ...],
        prepare: Callable[[dict[str, str]], None] | None,
        follow_up: FollowUp | None = None,
    ) -> None:
        self._analyser = analyser
        self._prepare = prepare
        self._context = forking_context(preload)
        self.following = Following(follow_up, self._context, prepare, self._insist)
        self.following.on_figures = self._tell
        self._changed = threading.Condition()
        self._hurried = False
        self.running: dict[str, AnalysisProcess] = {}
        """The child process of each task that has one, by the task's id."""
        self.ending = threading.Event()
        """Set where no new analysis is begun any more."""
        self.on_final: Callable[[str], None] = lambda _task_id: None
        self.on_figures: Callable[[TaskRecord, str], None] = lambda _record, _figures: None

    def open(self, tasks: TaskStore, owner: str) -> None:
        """Takes the task table, and this process's executor id."""
        self._tasks = tasks
        self._owner = owner
        self.following.open(tasks)

    def analyse(self, task_id: str) -> str:
        """Runs the analysis, again where it crashed; returns the outcome as JSON text.

        Raises:
            DrainedError: the process is about to end; another one goes on.
        """
        while True:
            if self.ending.is_set():
                raise DrainedError
            record = self._insist(lambda: self._tasks.begin(task_id, self._owner))
            if record is None:
                return ""
            if record.attempts > MAX_ATTEMPTS:
                last = record.reason or "the agent itself ended while it ran"
                reason = f"the analysis crashed {MAX_ATTEMPTS} times, the last time because {last}"
                return json.dumps(asdict(Outcome(TaskState.FAILED, reason)))
            try:
                outcome = Outcome(TaskState.COMPLETED, verdict=self._run(record))
            except AnalysisFailedError as error:
                outcome = Outcome(TaskState.FAILED, f"the analysis failed: {error}")
            except AnalysisStoppedError:
                self._insist(lambda: self._tasks.hand_back(task_id))
                continue  # begin() tells whether the task is final, the loop whether we end
            except AnalysisCrashedError as error:
                self._insist(functools.partial(self._tasks.note, task_id, str(error)))
                logger.warning("analysis crashed: %s", error, extra=record.ids)
                continue
            return json.dumps(asdict(outcome))

    def conclude(self, task_id: str, outcome: str) -> str:
        """Gives the task its final state, unless it has one."""
        if not outcome:
            return "final already"
        how = self.following.linked(task_id, Outcome(**json.loads(outcome)))
        if self._insist(lambda: self._tasks.finish(task_id, how)):
            self.ended(task_id)
        return "concluded"

    def ended(self, task_id: str) -> None:
        """Stops what still runs for a task that is final now, and tells who waits for it."""
        self.stop(task_id)
        record = self._tasks.get(task_id)
        if record is not None:
            logger.info("task %s", _how(record), extra=record.ids)
        self.on_final(task_id)

    def stop(self, task_id: str) -> None:
        """Stops the task's analysis, where one runs here."""
        process = self.running.get(task_id)
        if process is not None:
            process.stop()

    def stop_all(self) -> None:
        """Stops all analyses, and what follows them."""
        self.following.stop_all()
        for process in list(self.running.values()):
            process.stop()

    def wait(self, grace: float) -> None:
        """Waits up to `grace` seconds until nothing runs, or until `hurry` is called."""
        with self._changed:
            self._changed.wait_for(lambda: self._hurried or not self.running, timeout=grace)

    def hurry(self) -> None:
        """Ends a `wait`."""
        with self._changed:
            self._hurried = True
            self._changed.notify_all()

    def _run(self, record: TaskRecord) -> str:
        task = ChildTask(record.id, record.request, self._analyser, self._prepare, record.trace_id)
        process = AnalysisProcess(self._context, task)
        with self._changed:
            self.running[record.id] = process
        try:
            if self._insist(lambda: self._is_final(record.id)):
                process.stop()  # whoever ended the task found no process to stop
            logger.info("analysis begins, attempt %d", record.attempts, extra=record.ids)
            return process.run()
        finally:
            with self._changed:
                del self.running[record.id]
                self._changed.notify_all()
            self.on_figures(record, process.figures)

    def _tell(self, record: TaskRecord, figures: str) -> None:
        self.on_figures(record, figures)

    def _is_final(self, task_id: str) -> bool:
        record = self._tasks.get(task_id)
        return record is None or record.state.final

    def _insist(self, call: Callable[[], T]) -> T:
        """The result of a call to the database, which may be out of reach for a while.

        Raises:
            DrainedError: the process is about to end before there was an answer.
        """
        give_up = time.monotonic() + LONGEST_OUTAGE
        while True:
            try:
                return call()
            except Exception as error:
                if not out_of_reach(error) or time.monotonic() > give_up:
                    raise
                if self.ending.wait(OUTAGE_RETRY):
                    raise DrainedError from error


def _how(record: TaskRecord) -> str:
    """How a task has ended; of a verdict only what is not text from logs or models."""
    if not record.advice:
        return f"{record.state} {record.reason}".rstrip()
    confidence = float(json.loads(record.verdict).get("confidence", 0))
    return f"{record.state}: {record.advice}, {confidence:g} % confident"
