"""What we use of DBOS: one queue of workflows that outlive the process, one workflow to a task."""

import contextlib
import threading
from collections.abc import Callable, Collection, Iterator
from typing import Protocol

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID, WorkflowStatus

APPLICATION_VERSION = "1"
"""Raised by hand when the workflow gets other steps: DBOS never goes on with work of another version, and
its default, a hash of the code, would abandon running analyses at every change."""

QUEUE = "analyses"
QUEUE_POLL = 0.25
"""Seconds between two looks for work; each costs the database a few statements."""
FOLLOW_UPS = "follow-ups"
_FOLLOW_UPS_AT_ONCE = 4
_FOLLOW_UP_ATTEMPTS = 10
_LISTENER_POLL = 0.2
"""Seconds between two looks for events, which we have none of; the end of the process waits for one."""


def follow_up_id(task_id: str) -> str:
    """The id of the workflow that follows a task's."""
    return f"follow-up-{task_id}"


class DrainedError(BaseException):
    """Ends a workflow without a record of its end, so that another process goes on with it.

    DBOS records every `Exception` as the workflow's outcome; a BaseException leaves it pending.
    """


class FollowUpSteps(Protocol):
    """What follows an outcome."""

    def wanted(self, task_id: str, outcome: str) -> bool:
        """Whether anything does: always the same for the same task and outcome, as workflows must be."""
        ...

    def act(self, task_id: str, outcome: str) -> str:
        """Does it, in one step."""
        ...

    def keep(self, task_id: str, links: str) -> str:
        """Writes down what came of it, in a second step."""
        ...


class Workflows:
    """The workflows of all tasks. One object to a process: DBOS is one.

    Args:
        work: does what a task asks, in one step, and returns the outcome as JSON text.
        conclude: writes down an outcome, in a second step.
        steps: what follows an outcome, in a workflow of its own beside the second step.
    """

    def __init__(
        self,
        work: Callable[[str], str],
        conclude: Callable[[str, str], str],
        steps: FollowUpSteps,
    ) -> None:
        self._work = work
        self._conclude = conclude
        self._steps = steps
        self._counting = threading.Lock()
        self._active = 0

    def launch(self, config: DBOSConfig, executor_id: str, concurrency: int) -> None:
        """Goes on with what a former process of the same executor id left, and takes new work."""
        DBOS(
            config={
                **config,
                "name": "canary-agent",
                "application_version": APPLICATION_VERSION,
                "executor_id": executor_id,
                "serializer": DBOSPortableJSONSerializer(),
                "enable_otlp": False,
                "log_level": "WARNING",
                "notification_listener_polling_interval_sec": _LISTENER_POLL,
            }
        )

        @DBOS.workflow(name="follow-up", max_recovery_attempts=_FOLLOW_UP_ATTEMPTS)
        def follow_up(task_id: str, outcome: str) -> str:
            with self._counted():
                links = DBOS.run_step({"name": "act"}, self._steps.act, task_id, outcome)
                return DBOS.run_step({"name": "keep"}, self._steps.keep, task_id, links)

        @DBOS.workflow(name="analysis", max_recovery_attempts=None)  # attempts are counted by us
        def analysis(task_id: str) -> str:
            with self._counted():
                # What the last step returns is for a reader of the database only.
                outcome = DBOS.run_step({"name": "analyse"}, self._work, task_id)
                if self._steps.wanted(task_id, outcome):
                    with SetWorkflowID(follow_up_id(task_id)):
                        DBOS.enqueue_workflow(FOLLOW_UPS, follow_up, task_id, outcome)
                return DBOS.run_step({"name": "conclude"}, self._conclude, task_id, outcome)

        self._workflow = analysis
        DBOS.launch()
        DBOS.register_queue(
            QUEUE,
            worker_concurrency=concurrency,
            polling_interval_sec=QUEUE_POLL,
            on_conflict="always_update",
        )
        DBOS.register_queue(
            FOLLOW_UPS,
            worker_concurrency=_FOLLOW_UPS_AT_ONCE,
            polling_interval_sec=QUEUE_POLL,
            on_conflict="always_update",
        )

    def enqueue(self, task_id: str) -> None:
        """Puts the task's workflow in the queue; one that is there already never starts twice."""
        with SetWorkflowID(task_id):
            DBOS.enqueue_workflow(QUEUE, self._workflow, task_id)

    def status(self, task_id: str) -> WorkflowStatus | None:
        """What DBOS knows of the task's workflow."""
        return DBOS.get_workflow_status(task_id)

    def executors(self) -> set[str]:
        """The executor ids of all processes that have begun workflows and not ended them."""
        pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        return {status.executor_id for status in pending if status.executor_id}

    def recover(self, executors: Collection[str]) -> None:
        """Puts the unfinished workflows of dead processes back in the queue, each once."""
        # The public way to it is DBOS's conductor, a service of theirs.
        DBOS._recover_pending_workflows(list(executors))  # noqa: SLF001

    def forget(self, task_ids: Collection[str]) -> None:
        """Removes workflows."""
        DBOS.delete_workflows([*task_ids, *map(follow_up_id, task_ids)])

    def close(self, patience: int) -> None:
        """Begins no more workflows, and waits up to `patience` seconds for those at work."""
        # DBOS looks once a second, first after a second, whether there still is one.
        DBOS.destroy(
            destroy_registry=True,
            workflow_completion_timeout_sec=patience if self._active else 0,
        )

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        with self._counting:
            self._active += 1
        try:
            yield
        finally:
            with self._counting:
                self._active -= 1
