"""The state file and its lock."""

import contextlib
import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from canary_agent.store import StateError, TaskState
from canary_agent.store.database import tasks
from canary_agent.store.state import state_at
from canary_agent.store.state_file import StateLock, open_file
from canary_agent.store.tasks import TaskStore

ADDED = {"owner", "sign_at", "asked", "namespace", "rollout", "advice", "trace"}
"""Columns that the first version did not have."""


def test_the_state_file_is_its_owners_alone(tmp_path: Path) -> None:
    open_file(tmp_path / "state.sqlite").dispose()
    mode = (tmp_path / "state.sqlite").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state.sqlite"
    state.write_text("not a database, but long enough to be read as one\n" * 50)
    with pytest.raises(StateError, match="file is not a database"):
        open_file(state)


def test_a_folder_is_no_state_file(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="cannot use"):
        open_file(tmp_path)


def test_a_second_agent_is_kept_away(tmp_path: Path) -> None:
    first = StateLock(tmp_path / "state.sqlite").acquire()
    with pytest.raises(StateError, match="held by another canary-agent"):
        StateLock(tmp_path / "state.sqlite").acquire(wait=0.1)
    first.release()
    StateLock(tmp_path / "state.sqlite").acquire(wait=0).release()


def test_a_successor_waits_for_its_predecessor(tmp_path: Path) -> None:
    first = StateLock(tmp_path / "state.sqlite").acquire()
    threading.Timer(0.2, first.release).start()
    StateLock(tmp_path / "state.sqlite").acquire(wait=20).release()


def test_a_lock_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="--state"):
        StateLock(tmp_path / "missing" / "state.sqlite").acquire()


def test_a_database_that_is_gone_does_not_answer(tmp_path: Path) -> None:
    engine = open_file(tmp_path / "state.sqlite")
    tasks = TaskStore(engine)
    assert tasks.answers()
    engine.dispose()
    for file in tmp_path.iterdir():
        file.unlink()
    tmp_path.rmdir()
    assert not tasks.answers()


def test_a_column_that_a_former_version_lacked_is_added(tmp_path: Path) -> None:
    state = tmp_path / "state.sqlite"
    with contextlib.closing(sqlite3.connect(state)) as former:
        kept = [column.name for column in tasks.columns if column.name not in ADDED]
        former.execute(f"CREATE TABLE canary_tasks ({', '.join(kept)})")
        former.execute(
            f"INSERT INTO canary_tasks ({', '.join(kept)}) "
            "VALUES ('t', 'c', 'm', 'r', '{}', 'submitted', '', '', 0, 180, 1.0, 1.0, 4e9, 4e9)"
        )
        former.commit()
    database = open_file(state)
    record = TaskStore(database).get("t")
    assert record is not None
    assert (record.owner, record.sign_at) == ("", 0.0)
    assert (record.asked, record.advice) == ("", "")
    assert record.state is TaskState.SUBMITTED
    database.dispose()


def test_a_url_of_another_database_is_no_state() -> None:
    with pytest.raises(StateError, match="no database of PostgreSQL"):
        state_at("mysql://u:secret@h/d")
