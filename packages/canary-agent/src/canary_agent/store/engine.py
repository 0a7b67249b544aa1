"""Analyses that outlive their process: DBOS runs them, the task table says where they stand."""

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

import sqlalchemy as sa
from dbos import error as dbos_error

from canary_agent.process import Analyser

from .database import StateError
from .durable import APPLICATION_VERSION, Workflows
from .following import FollowUp
from .membership import Membership
from .records import NewTask, Outcome, TaskRecord, TaskState
from .state import state_at
from .tasks import TaskStore
from .upkeep import Retention, Upkeep
from .work import Work

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How analyses are run and kept.

    Attributes:
        state: path of the state file, or URL of a PostgreSQL database; it may hold a password.
        concurrency: analyses at work at one time; the others wait as submitted.
        keep_seconds: how long a final task is kept.
        keep_count: how many final tasks are kept at most.
        preload: modules that the children's parent loads once.
        prepare: run first in each child with its ids, to set up its logging.
        follow_up: what is done about a verdict; None: nothing.
    """

    state: str = field(repr=False)
    concurrency: int = 2
    keep_seconds: float = 7 * 86_400.0
    keep_count: int = 10_000
    preload: tuple[str, ...] = ()
    prepare: Callable[[dict[str, str]], None] | None = None
    follow_up: FollowUp | None = None


class AnalysisEngine:
    """Takes questions, runs them one after the other, and knows where each stands.

    All methods block and may be called from any thread. One engine to a process: DBOS is one.

    Args:
        settings: see `EngineSettings`.
        analyser: what a child process runs.
        clock: seconds since the epoch.

    Raises:
        StateError: the state's URL is none.
    """

    def __init__(
        self, settings: EngineSettings, analyser: Analyser, clock: Callable[[], float] = time.time
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._state = state_at(settings.state)
        self._work = Work(analyser, settings.preload, settings.prepare, settings.follow_up)
        self._work.on_final = self._announce
        self._work.on_figures = self._tell
        self._workflows = Workflows(self._work.analyse, self._work.conclude, self._work.following)
        self._membership = Membership(self._state, self._lose)
        self.on_final: Callable[[str], None] = lambda _task_id: None
        """Called from any thread with the id of each task that got its final state here."""
        self.on_figures: Callable[[TaskRecord, str], None] = lambda _record, _figures: None
        """Called from any thread with what a child told of its work, see `figures.read`."""
        self.on_lost: Callable[[], None] = lambda: None
        """Called from any thread once `lost` is set."""
        self.lost = ""
        """Why this process may work no more, since other replicas go on with its work: it must end at
        once, without `drain` and `close`."""

    @property
    def draining(self) -> bool:
        """Whether no new work is started any more."""
        return self._work.ending.is_set()

    def launch(self) -> Self:
        """Opens the state, goes on with what a former process left, and starts to work.

        Raises:
            StateError: the state cannot be used.
        """
        self.tasks = TaskStore(self._state.open(), self._clock)
        try:
            self._launch()
        except (sa.exc.SQLAlchemyError, dbos_error.DBOSException) as error:
            cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
            raise StateError(f"cannot use the state: {' '.join(str(cause).split())}") from error
        return self

    def submit(self, new: NewTask) -> TaskRecord:
        """Keeps a question and puts it in the queue; a messageId known already changes nothing."""
        record, added = self.tasks.add(new)
        if added:
            logger.info("task submitted", extra=record.ids)
            self._enqueue(record.id)
        return record

    def get(self, task_id: str) -> TaskRecord | None:
        """The task, its lease renewed; None where there is none of that id."""
        record = self.tasks.get(task_id)
        if record is not None:
            self.tasks.renew(record)
        return record

    def cancel(self, task_id: str, reason: str) -> bool:
        """Ends an open task as canceled and stops its analysis; False where it was final before."""
        if not self.tasks.finish(task_id, Outcome(TaskState.CANCELED, reason)):
            return False
        self._work.ended(task_id)
        return True

    def last_sign(self, record: TaskRecord) -> float:
        """When the task last showed a sign of life, in seconds since the epoch.

        An analysis at work gives one by asking whether it is cancelled; a task in the queue lives as
        long as this process does; a final one ended at that time.
        """
        if record.state.final:
            return record.updated_at
        process = self._work.running.get(record.id)
        if process is not None:
            return process.last_sign
        elsewhere = record.owner not in ("", self._state.executor_id)
        return record.sign_at if elsewhere else self._clock()

    def drain(self, grace: float) -> None:
        """Starts no new work, waits up to `grace` seconds for running analyses, stops the others.

        What is stopped or still waits goes on in the next process with the same state.
        """
        if self.draining:
            return
        self._work.ending.set()
        patience = math.ceil(grace) + 5
        closer = threading.Thread(target=self._workflows.close, args=(patience,), name="drain")
        closer.start()
        self._work.wait(grace)
        self._work.stop_all()
        closer.join()

    def hurry(self) -> None:
        """Ends the grace of a `drain` that goes on."""
        self._work.hurry()

    def close(self) -> None:
        """Ends the engine; `drain` comes before it."""
        self._upkeep.stop()
        if self._state.shared:
            self._membership.stop()
        self._state.close()

    def _launch(self) -> None:
        self.tasks.renew_all()
        self._work.open(self.tasks, self._state.executor_id)
        if self._state.shared:
            self._membership.start(APPLICATION_VERSION)
        self._workflows.launch(
            self._state.dbos_config(), self._state.executor_id, self._settings.concurrency
        )
        retention = Retention(self._settings.keep_seconds, self._settings.keep_count)
        self._upkeep = Upkeep(self._state, self.tasks, self._work, self._workflows, retention)
        self._upkeep.start()

    def _enqueue(self, task_id: str) -> None:
        if self.draining:
            return  # the next process finds it
        try:
            self._workflows.enqueue(task_id)
        except Exception:
            if not self.draining:  # begun since we asked; DBOS may be gone
                raise

    def _announce(self, task_id: str) -> None:
        self.on_final(task_id)

    def _tell(self, record: TaskRecord, figures: str) -> None:
        self.on_figures(record, figures)

    def _lose(self, why: str) -> None:
        logger.error("this replica may work no more: %s", why)
        self.lost = why
        self._work.ending.set()
        self._work.stop_all()
        self.on_lost()
