"""The state file: one SQLite database that holds our tasks and DBOS's workflows."""

import fcntl
import os
import time
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa

BUSY_TIMEOUT = 10.0
"""Seconds that a write waits for another one."""


class StateError(Exception):
    """The state file cannot be used; the text says why and what to do."""


metadata = sa.MetaData()

tasks = sa.Table(
    "canary_tasks",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("context_id", sa.Text, nullable=False, index=True),
    sa.Column("message_id", sa.Text, nullable=False, unique=True),
    sa.Column("run_uid", sa.Text, nullable=False),
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("reason", sa.Text, nullable=False, default=""),
    sa.Column("verdict", sa.Text, nullable=False, default=""),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("lease_seconds", sa.Integer, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False, index=True),
    sa.Column("deadline_at", sa.Float, nullable=False),
    sa.Column("lease_until", sa.Float, nullable=False),
)


class StateLock:
    """Keeps a second agent away from the same state file, for as long as this process lives.

    Two processes with DBOS's one executor id would both take up the same unfinished analyses.
    """

    def __init__(self, state: Path) -> None:
        self._path = state.with_name(state.name + ".lock")
        self._descriptor = -1

    def acquire(self, wait: float = 5.0) -> Self:
        """Takes the lock, waiting up to `wait` seconds for a predecessor that is about to end.

        Raises:
            StateError: another process holds it, or the folder cannot be written.
        """
        try:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StateError(
                f"cannot write {self._path}: {error.strerror}; choose another file with --state"
            ) from error
        give_up = time.monotonic() + wait
        while not self._taken():
            if time.monotonic() >= give_up:
                os.close(self._descriptor)
                raise StateError(
                    f"{self._path} is held by another canary-agent; "
                    "stop that one, or give this one a file of its own with --state"
                )
            time.sleep(0.05)
        return self

    def release(self) -> None:
        """Gives the lock back."""
        os.close(self._descriptor)

    def _taken(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def state_url(path: Path) -> str:
    """The SQLAlchemy URL of a state file."""
    return f"sqlite:///{path.absolute()}"


def open_database(path: Path) -> sa.Engine:
    """Opens the state file, made with our table where it is new, readable by its owner alone.

    Raises:
        StateError: the file cannot be written or is no database.
    """
    engine = sa.create_engine(state_url(path), connect_args={"timeout": BUSY_TIMEOUT})
    sa.event.listen(engine, "connect", _write_ahead)
    try:
        path.touch(mode=0o600, exist_ok=True)
        metadata.create_all(engine)
    except (OSError, sa.exc.DatabaseError) as error:
        cause = error.orig if isinstance(error, sa.exc.DatabaseError) else error
        raise StateError(f"cannot use {path} as state file: {cause}") from error
    return engine


def _write_ahead(connection: Any, _record: object) -> None:  # noqa: ANN401  # DBAPI is untyped
    # Readers do not wait for writers in this mode, and it stays with the file for DBOS too.
    connection.execute("PRAGMA journal_mode=WAL")
