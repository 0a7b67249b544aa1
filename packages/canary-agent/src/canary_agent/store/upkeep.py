"""What must be looked at again and again: leases, deadlines, dead replicas, tasks without a workflow."""

import logging
import threading
import time
from dataclasses import dataclass

from .database import out_of_reach
from .durable import APPLICATION_VERSION, Workflows
from .records import Outcome, TaskState
from .state import State
from .tasks import TaskStore
from .work import Work

SWEEP_INTERVAL = 0.5
SIGN_INTERVAL = 5.0
"""Seconds between two looks after what replicas must know of each other."""
KEEP_INTERVAL = 30.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long final tasks are kept: `seconds`, and at most `count` of them."""

    seconds: float
    count: int


class Upkeep:
    """Looks after the tasks in a thread of its own.

    Args:
        state: the opened state.
        tasks: its task table.
        work: the analyses of this process.
        workflows: launched.
        retention: how long final tasks are kept.
    """

    def __init__(
        self,
        state: State,
        tasks: TaskStore,
        work: Work,
        workflows: Workflows,
        retention: Retention,
    ) -> None:
        self._state = state
        self._tasks = tasks
        self._work = work
        self._workflows = workflows
        self._retention = retention
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)
        self._sign_at = self._keep_at = 0.0
        self._outage = False

    def start(self) -> None:
        """Begins."""
        self.adopt()
        self._keep_at = time.monotonic() + KEEP_INTERVAL
        self._thread.start()

    def stop(self) -> None:
        """Ends; waits for what is being done."""
        self._closing.set()
        self._thread.join()

    def sweep(self) -> None:
        """Ends what is overdue, and stops here what was ended elsewhere."""
        for task_id in self._tasks.expire():
            self._work.ended(task_id)
        if self._state.shared and self._work.running:
            for task_id in self._tasks.final_among(list(self._work.running)):
                self._work.stop(task_id)

    def share(self) -> None:
        """Tells the other replicas how our analyses fare, and goes on with those of dead replicas."""
        for task_id, process in list(self._work.running.items()):
            self._tasks.sign(task_id, process.last_sign)
        dead = self._workflows.executors() - set(self._state.living())
        if dead and not self._work.ending.is_set():
            logger.warning("going on with the work of %d replicas that ended", len(dead))
            self._tasks.disown(dead)
            self._workflows.recover(dead)
            self._state.forget(dead)

    def keep(self) -> None:
        """Forgets old tasks, and takes up those that nobody works on."""
        outdated = self._tasks.outdated(
            max_age=self._retention.seconds, max_count=self._retention.count
        )
        if outdated:
            self._workflows.forget(outdated)
            self._tasks.forget(outdated)
        self.adopt()

    def adopt(self) -> None:
        """Takes up tasks whose workflow was never made, or ended without a word."""
        versions = {APPLICATION_VERSION, *self._state.living().values()}
        for task_id in self._tasks.open_ids():
            status = self._workflows.status(task_id)
            if status is None:
                self._workflows.enqueue(task_id)
            elif status.app_version not in versions:
                self._give_up(task_id, f"it was begun by version {status.app_version} of the agent")
            elif status.status not in ("ENQUEUED", "PENDING"):
                self._give_up(task_id, f"its workflow ended as {status.status}")

    def _give_up(self, task_id: str, why: str) -> None:
        outcome = Outcome(TaskState.FAILED, f"the analysis cannot go on: {why}")
        if self._tasks.finish(task_id, outcome):
            self._work.ended(task_id)

    def _run(self) -> None:
        while not self._closing.wait(SWEEP_INTERVAL):
            try:
                if self._outage:
                    self._tasks.renew_all()  # meanwhile nobody could have asked
                    self._outage = False
                    logger.info("the database answers again")
                self._round()
            except Exception as error:
                if not out_of_reach(error):  # a full disk must not end the sweeper for good
                    logger.exception("cannot look after the tasks")
                elif not self._outage:
                    self._outage = True
                    logger.warning("the database does not answer: %s", error)

    def _round(self) -> None:
        self.sweep()
        if self._state.shared and time.monotonic() >= self._sign_at:
            self._sign_at = time.monotonic() + SIGN_INTERVAL
            self.share()
        if time.monotonic() >= self._keep_at and not self._work.ending.is_set():
            self._keep_at = time.monotonic() + KEEP_INTERVAL
            self.keep()
