"""Which of an agent's tasks belong to this measurement already.

A controller or plugin that was killed may have left a task at work, or a verdict that no measurement
has taken: asking again would double the work, and no A2A server sorts out messages sent twice.
"""

from collections.abc import Sequence

from .a2a_client import Task, TaskState, UnreadableAnswer, read_answer

OPEN = frozenset({TaskState.SUBMITTED, TaskState.WORKING, TaskState.UNKNOWN})


def adoptable(tasks: Sequence[Task], run_uid: str) -> Task | None:
    """The task of a measurement's context to go on with.

    A finished task with a verdict on this run comes first, then an open one; of several the one that
    the agent lists first. None when each has come to nothing.
    """
    finished = [task for task in tasks if has_verdict(task, run_uid)]
    return next(iter(finished or [task for task in tasks if task.state in OPEN]), None)


def spent(tasks: Sequence[Task], run_uid: str) -> int:
    """How many tasks have ended without a verdict: each stands for an attempt that is used up."""
    return sum(task.state not in OPEN and not has_verdict(task, run_uid) for task in tasks)


def has_verdict(task: Task, run_uid: str) -> bool:
    """Whether a task is completed and holds a verdict on this run."""
    if task.state is not TaskState.COMPLETED:
        return False
    try:
        read_answer(task, run_uid)
    except UnreadableAnswer:
        return False
    return True
