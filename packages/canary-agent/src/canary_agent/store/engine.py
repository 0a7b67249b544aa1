"""Analyses that outlive their process: DBOS runs them, the task table says where they stand."""

import json
import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID

from canary_agent.process import (
    Analyser,
    AnalysisCrashedError,
    AnalysisFailedError,
    AnalysisProcess,
    AnalysisStoppedError,
    ChildTask,
    forking_context,
)

from .database import StateLock, open_database, state_url
from .records import NewTask, Outcome, TaskRecord, TaskState
from .tasks import TaskStore

APPLICATION_VERSION = "1"
"""Raised by hand when `AnalysisEngine._analysis` gets other steps: DBOS never goes on with work of another
version, and its default, a hash of the code, would abandon running analyses at every change."""
EXECUTOR_ID = "canary-agent"
"""DBOS goes on with unfinished work of the same executor only; the state lock makes it ours alone."""

MAX_ATTEMPTS = 3
"""Analyses of one task that may end in a crash, of the child or of the whole agent."""
QUEUE = "analyses"
QUEUE_POLL = 0.25
"""Seconds between two looks for work; each costs the database a few statements."""
SWEEP_INTERVAL = 0.5
UPKEEP_INTERVAL = 30.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How analyses are run and kept.

    Attributes:
        state: the state file.
        concurrency: analyses at work at one time; the others wait as submitted.
        keep_seconds: how long a final task is kept.
        keep_count: how many final tasks are kept at most.
        preload: modules that the children's parent loads once.
        prepare: run first in each child with task and run id, to set up its logging.
    """

    state: Path
    concurrency: int = 2
    keep_seconds: float = 7 * 86_400.0
    keep_count: int = 10_000
    preload: tuple[str, ...] = ()
    prepare: Callable[[str, str], None] | None = None


class DrainedError(BaseException):
    """Ends a workflow without a record of its end, so that the next process goes on with it.

    DBOS records every `Exception` as the workflow's outcome; a BaseException leaves it pending.
    """


class AnalysisEngine:
    """Takes questions, runs them one after the other, and knows where each stands.

    All methods block and may be called from any thread. One engine to a process: DBOS is one.

    Args:
        settings: see `EngineSettings`.
        analyser: what a child process runs.
        clock: seconds since the epoch.
    """

    def __init__(
        self, settings: EngineSettings, analyser: Analyser, clock: Callable[[], float] = time.time
    ) -> None:
        self._settings = settings
        self._analyser = analyser
        self._clock = clock
        self._lock = StateLock(settings.state)
        self._running: dict[str, AnalysisProcess] = {}
        self._running_changed = threading.Condition()
        self._closing = threading.Event()
        self._hurried = False
        self._context = forking_context(settings.preload)
        self.on_final: Callable[[str], None] = lambda _task_id: None
        """Called from any thread with the id of each task that got its final state here."""
        self.draining = False
        """Whether no new work is started any more."""

    def launch(self) -> Self:
        """Opens the state, goes on with what a former process left, and starts to work.

        Raises:
            StateError: the state file cannot be used.
        """
        self._lock.acquire()
        self._database = open_database(self._settings.state)
        self.tasks = TaskStore(self._database, self._clock)
        self.tasks.renew_all()
        self._launch_dbos()
        self._adopt_open_tasks()
        self._sweeper = threading.Thread(target=self._sweep, name="sweeper", daemon=True)
        self._sweeper.start()
        return self

    def submit(self, new: NewTask) -> TaskRecord:
        """Keeps a question and puts it in the queue; a messageId known already changes nothing."""
        record, added = self.tasks.add(new)
        if added:
            logger.info("task submitted", extra={"task": record.id, "run": record.run_uid})
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
        self._ended(task_id)
        return True

    def last_sign(self, record: TaskRecord) -> float:
        """When the task last showed a sign of life, in seconds since the epoch.

        An analysis at work gives one by asking whether it is cancelled; a task in the queue lives as
        long as this process does; a final one ended at that time.
        """
        if record.state.final:
            return record.updated_at
        process = self._running.get(record.id)
        return self._clock() if process is None else process.last_sign

    def drain(self, grace: float) -> None:
        """Starts no new work, waits up to `grace` seconds for running analyses, stops the others.

        What is stopped or still waits goes on in the next process with the same state.
        """
        if self.draining:
            return
        self.draining = True
        closer = threading.Thread(target=self._close_dbos, args=(grace,), name="drain")
        closer.start()
        with self._running_changed:
            self._running_changed.wait_for(
                lambda: self._hurried or not self._running, timeout=grace
            )
            left = list(self._running.values())
        for process in left:
            process.stop()
        closer.join()

    def hurry(self) -> None:
        """Ends the grace of a `drain` that goes on."""
        with self._running_changed:
            self._hurried = True
            self._running_changed.notify_all()

    def close(self) -> None:
        """Ends the engine; `drain` comes before it."""
        self._closing.set()
        self._sweeper.join()
        self._database.dispose()
        self._lock.release()

    def _launch_dbos(self) -> None:
        config: DBOSConfig = {
            "name": "canary-agent",
            "system_database_url": state_url(self._settings.state),
            "application_version": APPLICATION_VERSION,
            "executor_id": EXECUTOR_ID,
            "serializer": DBOSPortableJSONSerializer(),
            "enable_otlp": False,
            "log_level": "WARNING",
        }
        DBOS(config=config)

        @DBOS.workflow(name="analysis", max_recovery_attempts=None)  # attempts are counted here
        def analysis(task_id: str) -> str:
            return self._analysis(task_id)

        self._workflow = analysis
        DBOS.launch()
        DBOS.register_queue(
            QUEUE,
            worker_concurrency=self._settings.concurrency,
            polling_interval_sec=QUEUE_POLL,
            on_conflict="always_update",
        )

    def _close_dbos(self, grace: float) -> None:
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=math.ceil(grace) + 5)

    def _enqueue(self, task_id: str) -> None:
        if self.draining:
            return  # the next process finds it
        try:
            with SetWorkflowID(task_id):  # the same id never starts twice
                DBOS.enqueue_workflow(QUEUE, self._workflow, task_id)
        except Exception:
            if not self.draining:  # begun since we asked; DBOS may be gone
                raise

    def _adopt_open_tasks(self) -> None:
        """Takes up tasks whose workflow was never made, or ended without a word."""
        for task_id in self.tasks.open_ids():
            status = DBOS.get_workflow_status(task_id)
            if status is None:
                self._enqueue(task_id)
            elif status.app_version != APPLICATION_VERSION:
                self._give_up(task_id, f"it was begun by version {status.app_version} of the agent")
            elif status.status not in ("ENQUEUED", "PENDING"):
                self._give_up(task_id, f"its workflow ended as {status.status}")

    def _give_up(self, task_id: str, why: str) -> None:
        outcome = Outcome(TaskState.FAILED, f"the analysis cannot go on: {why}")
        if self.tasks.finish(task_id, outcome):
            self._ended(task_id)

    def _analysis(self, task_id: str) -> str:
        """The durable workflow: what it returns is for a reader of the state file only."""
        outcome = DBOS.run_step({"name": "analyse"}, self._analyse, task_id)
        return DBOS.run_step({"name": "conclude"}, self._conclude, task_id, outcome)

    def _analyse(self, task_id: str) -> str:
        """Runs the analysis, again where it crashed; returns the outcome as JSON text."""
        while True:
            if self.draining:
                raise DrainedError
            record = self.tasks.begin(task_id)
            if record is None:
                return ""
            if record.attempts > MAX_ATTEMPTS:
                last = record.reason or "the agent itself ended while it ran"
                reason = f"the analysis crashed {MAX_ATTEMPTS} times, the last time because {last}"
                return json.dumps(asdict(Outcome(TaskState.FAILED, reason)))
            try:
                outcome = Outcome(TaskState.COMPLETED, verdict=self._run_process(record))
            except AnalysisFailedError as error:
                outcome = Outcome(TaskState.FAILED, f"the analysis failed: {error}")
            except AnalysisStoppedError:
                continue  # begin() tells whether the task is final, the loop whether we drain
            except AnalysisCrashedError as error:
                self.tasks.note(task_id, str(error))
                logger.warning("analysis crashed: %s", error, extra=_ids(record))
                continue
            return json.dumps(asdict(outcome))

    def _run_process(self, record: TaskRecord) -> str:
        task = ChildTask(record.id, record.request, self._analyser, self._settings.prepare)
        process = AnalysisProcess(self._context, task)
        with self._running_changed:
            self._running[record.id] = process
        try:
            if self._is_final(record.id):
                process.stop()  # whoever ended the task found no process to stop
            logger.info("analysis begins, attempt %d", record.attempts, extra=_ids(record))
            return process.run()
        except AnalysisStoppedError:
            self.tasks.hand_back(record.id)
            raise
        finally:
            with self._running_changed:
                del self._running[record.id]
                self._running_changed.notify_all()

    def _conclude(self, task_id: str, outcome: str) -> str:
        if not outcome:
            return "final already"
        if self.tasks.finish(task_id, Outcome(**json.loads(outcome))):
            self._ended(task_id)
        return "concluded"

    def _is_final(self, task_id: str) -> bool:
        record = self.tasks.get(task_id)
        return record is None or record.state.final

    def _ended(self, task_id: str) -> None:
        """Stops what still runs for a task that is final now, and tells who waits for it."""
        process = self._running.get(task_id)
        if process is not None:
            process.stop()
        record = self.tasks.get(task_id)
        if record is not None:
            logger.info("task %s", f"{record.state} {record.reason}".rstrip(), extra=_ids(record))
        self.on_final(task_id)

    def _sweep(self) -> None:
        upkeep_at = time.monotonic()
        while not self._closing.wait(SWEEP_INTERVAL):
            try:
                for task_id in self.tasks.expire():
                    self._ended(task_id)
                if time.monotonic() >= upkeep_at and not self.draining:
                    upkeep_at = time.monotonic() + UPKEEP_INTERVAL
                    self._keep_up()
            except Exception:  # a full disk must not end the sweeper for good
                logger.exception("cannot look after the tasks")

    def _keep_up(self) -> None:
        outdated = self.tasks.outdated(
            max_age=self._settings.keep_seconds, max_count=self._settings.keep_count
        )
        if outdated:
            DBOS.delete_workflows(outdated)
            self.tasks.forget(outdated)
        self._adopt_open_tasks()


def _ids(record: TaskRecord) -> dict[str, str]:
    return {"task": record.id, "run": record.run_uid}
