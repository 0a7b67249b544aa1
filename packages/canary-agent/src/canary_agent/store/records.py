"""What is kept of a task, and the states it goes through."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

REASON_LIMIT = 1000
"""Characters of a reason; what is longer is cut, since parts of it may come from logs."""


class TaskState(StrEnum):
    """The A2A states an analysis goes through; the last three are final."""

    SUBMITTED = "submitted"
    WORKING = "working"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def final(self) -> bool:
        """Whether nothing changes this state any more."""
        return self not in OPEN_STATES


OPEN_STATES = (TaskState.SUBMITTED, TaskState.WORKING)


@dataclass(frozen=True, slots=True)
class NewTask:
    """A question that has been read and is about to be kept.

    Attributes:
        message_id: the sender's; the same one never starts a second analysis.
        context_id: the sender's, or one of ours.
        run_uid: the AnalysisRun that asks, for logs.
        request: the question as JSON text.
        deadline_at: seconds since the epoch; nobody waits for an answer after it.
        lease_seconds: the task ends when nobody has asked for it for so long.
        asked: the question as JSON text without what is attached to it, kept beside the answer.
        namespace: where the run is.
        rollout: its name, where there is one.
        trace: the asker's W3C traceparent; empty for none.
    """

    message_id: str
    context_id: str
    run_uid: str
    request: str
    deadline_at: float
    lease_seconds: int
    asked: str = ""
    namespace: str = ""
    rollout: str = ""
    trace: str = ""


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """A task as it is kept. Times are seconds since the epoch.

    Attributes:
        request: the question as JSON text; empty once the task is final, since logs may be attached.
        reason: why a final task has no verdict, or what happened to an earlier attempt.
        verdict: the answer as JSON text; empty unless completed.
        attempts: how often an analysis was begun without an orderly end.
        owner: executor id of the process that works on it; empty where none does.
        sign_at: when the owner last showed a sign of life on it, where other processes may ask.
        updated_at: when the state last changed.
        asked, namespace, rollout, trace: see `NewTask`; empty of tasks that a former version has kept.
        advice: what the verdict says: promote, rollback or inconclusive; empty while there is none.
    """

    id: str
    context_id: str
    message_id: str
    run_uid: str
    request: str
    state: TaskState
    reason: str
    verdict: str
    attempts: int
    owner: str
    sign_at: float
    lease_seconds: int
    created_at: float
    updated_at: float
    deadline_at: float
    lease_until: float
    asked: str = ""
    namespace: str = ""
    rollout: str = ""
    advice: str = ""
    trace: str = ""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The task that a row of the table holds, by the columns' names."""
        return cls(**{**row, "state": TaskState(row["state"])})

    @property
    def ids(self) -> dict[str, str]:
        """By which log lines about the task are found."""
        ids = {"task": self.id, "run": self.run_uid, "namespace": self.namespace}
        return ids | {"trace": self.trace_id}

    @property
    def trace_id(self) -> str:
        """Of the trace that the task belongs to: 32 hexadecimal digits, or empty."""
        return self.trace[3:35]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an analysis ended: a final state with its verdict, or with the reason for having none."""

    state: TaskState
    reason: str = ""
    verdict: str = ""
