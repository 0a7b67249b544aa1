"""Tasks in the database. Each change is one statement that asks for the state it replaces."""

import json
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from .database import record_of, tasks
from .records import OPEN_STATES, REASON_LIMIT, NewTask, Outcome, TaskRecord, TaskState

_OPEN = tasks.c.state.in_(OPEN_STATES)
LEASE_SLACK = 0.1
"""Renewals are written once they gain this part of the lease, so that polling costs few writes."""

DEADLINE_PASSED = "the request's deadline passed before there was a verdict"


@dataclass(frozen=True, slots=True)
class TaskPage:
    """Some of the tasks that a query finds.

    Attributes:
        total: how many there are on all pages.
        more: whether there are some after these.
    """

    records: Sequence[TaskRecord]
    total: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Which tasks to list; empty fields do not filter.

    Attributes:
        after: the (updated_at, id) of the last task already seen; newest come first.
    """

    context_id: str = ""
    state: TaskState | None = None
    namespace: str = ""
    rollout: str = ""
    advice: str = ""
    updated_since: float | None = None
    after: tuple[float, str] | None = None
    limit: int = 50


class TaskStore:
    """All that is known of tasks; safe to call from any thread.

    Args:
        engine: of a database with the task table, SQLite or PostgreSQL.
        clock: seconds since the epoch.
    """

    def __init__(self, engine: sa.Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock
        self._insert = sqlite.insert if engine.dialect.name == "sqlite" else postgresql.insert

    def add(self, new: NewTask) -> tuple[TaskRecord, bool]:
        """Keeps a new task; where its messageId is known already, returns the first one's task.

        Returns:
            The task, and whether it is a new one.
        """
        now = self._clock()
        statement = (
            self._insert(tasks)
            .values(
                id=str(uuid.uuid4()),
                context_id=new.context_id,
                message_id=new.message_id,
                run_uid=new.run_uid,
                request=new.request,
                state=TaskState.SUBMITTED,
                lease_seconds=new.lease_seconds,
                created_at=now,
                updated_at=now,
                deadline_at=new.deadline_at,
                lease_until=now + new.lease_seconds * (1 + LEASE_SLACK),
                asked=new.asked,
                namespace=new.namespace,
                rollout=new.rollout,
                trace=new.trace,
            )
            .on_conflict_do_nothing(index_elements=[tasks.c.message_id])
            .returning(tasks.c.id)
        )
        with self._engine.begin() as connection:
            added = connection.execute(statement).one_or_none() is not None
            row = connection.execute(
                sa.select(tasks).where(tasks.c.message_id == new.message_id)
            ).one()
        return record_of(row), added

    def get(self, task_id: str) -> TaskRecord | None:
        """The task, or None where there is none of that id."""
        if "\0" in task_id:  # which PostgreSQL takes for an error
            return None
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(tasks).where(tasks.c.id == task_id)).one_or_none()
        return None if row is None else record_of(row)

    def last_of(self, context_id: str) -> TaskRecord | None:
        """The newest task of a context, or None where it has none."""
        statement = (
            sa.select(tasks)
            .where(tasks.c.context_id == context_id)
            .order_by(tasks.c.created_at.desc(), tasks.c.id.desc())
            .limit(1)
        )
        with self._engine.connect() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else record_of(row)

    def find(self, query: TaskQuery) -> TaskPage:
        """A page of tasks, newest change first."""
        conditions = _conditions(query)
        page = sa.select(tasks).where(*conditions)
        if query.after is not None:
            page = page.where(sa.tuple_(tasks.c.updated_at, tasks.c.id) < sa.tuple_(*query.after))
        page = page.order_by(tasks.c.updated_at.desc(), tasks.c.id.desc()).limit(query.limit + 1)
        with self._engine.connect() as connection:
            total = connection.execute(
                sa.select(sa.func.count()).select_from(tasks).where(*conditions)
            ).scalar_one()
            records = [record_of(row) for row in connection.execute(page)]
        return TaskPage(records[: query.limit], total, more=len(records) > query.limit)

    def begin(self, task_id: str, owner: str = "") -> TaskRecord | None:
        """Puts an open task to work and counts the attempt; None where the task is final or gone."""
        now = self._clock()
        return self._change(
            task_id,
            state=TaskState.WORKING,
            attempts=tasks.c.attempts + 1,
            owner=owner,
            sign_at=now,
            updated_at=now,
        )

    def hand_back(self, task_id: str) -> None:
        """Takes back the count of an attempt that was stopped in an orderly way."""
        self._change(task_id, attempts=tasks.c.attempts - 1, owner="")

    def sign(self, task_id: str, sign_at: float) -> None:
        """Keeps when a running analysis last showed a sign of life, for other processes."""
        self._change(task_id, sign_at=sign_at)

    def disown(self, owners: Collection[str]) -> None:
        """Takes the open tasks of processes that are dead from them."""
        statement = tasks.update().where(_OPEN, tasks.c.owner.in_(list(owners)))
        with self._engine.begin() as connection:
            connection.execute(statement.values(owner=""))

    def final_among(self, task_ids: Collection[str]) -> list[str]:
        """Those of the tasks that are final."""
        with self._engine.connect() as connection:
            statement = sa.select(tasks.c.id).where(tasks.c.id.in_(list(task_ids)), sa.not_(_OPEN))
            return list(connection.execute(statement).scalars())

    def note(self, task_id: str, reason: str) -> None:
        """Keeps what happened to an attempt, while the task stays open."""
        self._change(task_id, reason=_bounded(reason))

    def finish(self, task_id: str, outcome: Outcome) -> bool:
        """Gives an open task its final state; the request, which may hold logs, is forgotten.

        Returns:
            Whether this call did it: False where the task was final already, or is gone.
        """
        changed = self._change(
            task_id,
            state=outcome.state,
            reason=_bounded(outcome.reason),
            verdict=outcome.verdict,
            advice=_advice(outcome.verdict),
            request="",
            updated_at=self._clock(),
        )
        return changed is not None

    def amend(self, task_id: str, verdict: str) -> None:
        """Puts another text of the same verdict in its place, with links that came late."""
        statement = tasks.update().where(
            tasks.c.id == task_id, tasks.c.state == TaskState.COMPLETED
        )
        with self._engine.begin() as connection:
            connection.execute(statement.values(verdict=verdict))

    def renew(self, record: TaskRecord) -> None:
        """Starts the lease of an open task anew."""
        slack = record.lease_seconds * LEASE_SLACK
        until = self._clock() + record.lease_seconds + slack
        if not record.state.final and until - record.lease_until > slack:
            self._change(record.id, lease_until=until)

    def renew_all(self) -> None:
        """Starts every lease anew: after a restart nobody could have asked."""
        lease = tasks.c.lease_seconds * (1 + LEASE_SLACK) + self._clock()
        with self._engine.begin() as connection:
            connection.execute(tasks.update().where(_OPEN).values(lease_until=lease))

    def expire(self) -> list[str]:
        """Ends the open tasks whose deadline or lease is over; returns their ids."""
        now = self._clock()
        with self._engine.connect() as connection:
            overdue = connection.execute(
                sa.select(tasks.c.id, tasks.c.deadline_at, tasks.c.lease_seconds).where(
                    _OPEN, sa.or_(tasks.c.deadline_at <= now, tasks.c.lease_until <= now)
                )
            ).all()
        ended = []
        for task_id, deadline_at, lease_seconds in overdue:
            outcome = (
                Outcome(TaskState.FAILED, DEADLINE_PASSED)
                if deadline_at <= now
                else Outcome(
                    TaskState.CANCELED,
                    f"nobody has asked for this task for {lease_seconds} s, its lease",
                )
            )
            if self.finish(task_id, outcome):
                ended.append(task_id)
        return ended

    def open_ids(self) -> list[str]:
        """The ids of all tasks that are not final, oldest first."""
        with self._engine.connect() as connection:
            statement = sa.select(tasks.c.id).where(_OPEN).order_by(tasks.c.created_at)
            return list(connection.execute(statement).scalars())

    def queue(self) -> tuple[dict[TaskState, int], float]:
        """How many open tasks are in each state, and since when the oldest waiting one waits; 0 for none."""
        waits = sa.func.min(sa.case((tasks.c.state == TaskState.SUBMITTED, tasks.c.created_at)))
        statement = sa.select(tasks.c.state, sa.func.count(), waits).where(_OPEN)
        with self._engine.connect() as connection:
            rows = connection.execute(statement.group_by(tasks.c.state)).all()
        counts = {TaskState(state): int(count) for state, count, _ in rows}
        return counts, max((float(since) for _, _, since in rows if since), default=0.0)

    def outdated(self, *, max_age: float, max_count: int, batch: int = 500) -> list[str]:
        """Ids of final tasks older than `max_age` seconds, or beyond the newest `max_count`."""
        final = sa.not_(_OPEN)
        surplus = (
            sa.select(tasks.c.id)
            .where(final)
            .order_by(tasks.c.updated_at.desc())
            .offset(max_count)
            .limit(batch)
        )
        aged = (
            sa.select(tasks.c.id)
            .where(final, tasks.c.updated_at < self._clock() - max_age)
            .limit(batch)
        )
        with self._engine.connect() as connection:
            found = [*connection.execute(aged).scalars(), *connection.execute(surplus).scalars()]
        return sorted(set(found))

    def forget(self, task_ids: Collection[str]) -> None:
        """Removes final tasks."""
        with self._engine.begin() as connection:
            connection.execute(tasks.delete().where(tasks.c.id.in_(list(task_ids)), sa.not_(_OPEN)))

    def answers(self) -> bool:
        """Whether the database answers."""
        try:
            with self._engine.connect() as connection:
                connection.execute(sa.select(sa.literal(1)))
        except sa.exc.SQLAlchemyError:
            return False
        return True

    def _change(self, task_id: str, **values: object) -> TaskRecord | None:
        """Changes an open task in one statement; None where it is final or gone."""
        statement = (
            tasks.update().where(tasks.c.id == task_id, _OPEN).values(**values).returning(tasks)
        )
        with self._engine.begin() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else record_of(row)


def _conditions(query: TaskQuery) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if query.context_id:
        conditions.append(tasks.c.context_id == query.context_id)
    if query.state is not None:
        conditions.append(tasks.c.state == query.state)
    conditions += [
        tasks.c[name] == wanted
        for name in ("namespace", "rollout", "advice")
        if (wanted := getattr(query, name))
    ]
    if query.updated_since is not None:
        conditions.append(tasks.c.updated_at >= query.updated_since)
    return conditions


def _advice(verdict: str) -> str:
    return str(json.loads(verdict).get("verdict", "")) if verdict else ""


def _bounded(reason: str) -> str:
    storable = reason.replace("\0", "�")  # PostgreSQL's text has no such character
    return storable if len(storable) <= REASON_LIMIT else storable[: REASON_LIMIT - 1] + "…"
