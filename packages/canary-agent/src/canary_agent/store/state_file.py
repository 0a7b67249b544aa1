"""State in one SQLite file, for one agent."""

import fcntl
import os
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from dbos import DBOSConfig

from .database import StateError, make_tables

BUSY_TIMEOUT = 10.0
"""Seconds that a write waits for another one."""


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


class StateFile:
    """A `State` that one process at a time has for itself.

    Args:
        path: of the SQLite file; `<path>.lock` stands beside it.
    """

    executor_id = "canary-agent"
    """Fixed: DBOS goes on with unfinished work of the same executor, and the lock makes it ours alone."""
    shared = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = StateLock(path)

    def open(self) -> sa.Engine:
        """See `State`."""
        self._lock.acquire()
        self.database = open_file(self._path)
        return self.database

    def dbos_config(self) -> DBOSConfig:
        """See `State`."""
        return {"system_database_url": _url(self._path)}

    def join(self, version: str) -> None:
        """See `State`."""

    def confirm(self) -> bool:
        """See `State`."""
        return True

    def living(self) -> Mapping[str, str]:
        """See `State`."""
        return {}

    def forget(self, executors: Collection[str]) -> None:
        """See `State`."""

    def close(self) -> None:
        """See `State`."""
        self.database.dispose()
        self._lock.release()


def open_file(path: Path) -> sa.Engine:
    """Opens the state file, made with our table where it is new, readable by its owner alone.

    Raises:
        StateError: the file cannot be written or is no database.
    """
    engine = sa.create_engine(_url(path), connect_args={"timeout": BUSY_TIMEOUT})
    sa.event.listen(engine, "connect", _write_ahead)
    try:
        path.touch(mode=0o600, exist_ok=True)
        with engine.begin() as connection:
            make_tables(connection)
    except (OSError, sa.exc.DatabaseError) as error:
        cause = error.orig if isinstance(error, sa.exc.DatabaseError) else error
        raise StateError(f"cannot use {path} as state file: {cause}") from error
    return engine


def _url(path: Path) -> str:
    return f"sqlite:///{path.absolute()}"


def _write_ahead(connection: Any, _record: object) -> None:  # noqa: ANN401  # DBAPI is untyped
    # Readers do not wait for writers in this mode, and it stays with the file for DBOS too.
    connection.execute("PRAGMA journal_mode=WAL")
