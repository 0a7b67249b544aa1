"""The PostgreSQL state: tables, membership, and URLs that are never shown."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from canary_agent.store import NewTask, StateError, TaskQuery, TaskState
from canary_agent.store.database import out_of_reach
from canary_agent.store.membership import Membership
from canary_agent.store.records import Outcome
from canary_agent.store.state_server import StateServer, host_id, read_url
from canary_agent.store.tasks import TaskStore

SECRET = "pa$$w0rd"


def _new(message_id: str = "m", **fields: Any) -> NewTask:
    values: dict[str, Any] = {
        "message_id": message_id,
        "context_id": "c",
        "run_uid": "r",
        "request": "{}",
        "deadline_at": 4e9,
        "lease_seconds": 180,
    }
    return NewTask(**{**values, **fields})


@pytest.fixture
def state(server: Any, database: str) -> Iterator[StateServer]:
    state = StateServer(server.url(database))
    state.open()
    yield state
    state.close()


@pytest.fixture
def tasks(state: StateServer) -> TaskStore:
    return TaskStore(state.database)


def test_agents_that_start_at_once_make_the_tables_once(server: Any, database: str) -> None:
    states = [StateServer(server.url(database)) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for opened in pool.map(StateServer.open, states):
            with opened.connect() as connection:
                assert sa.inspect(connection).has_table("canary_tasks")
    for state in states:
        state.close()


def test_the_same_message_from_fifty_threads_makes_one_task(tasks: TaskStore) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(tasks.add, [_new()] * 50))
    assert len({record.id for record, _ in answers}) == 1
    assert sum(added for _, added in answers) == 1


def test_the_first_final_state_stays(tasks: TaskStore) -> None:
    task_id = tasks.add(_new())[0].id
    outcomes = [Outcome(TaskState.CANCELED, "no"), Outcome(TaskState.COMPLETED, verdict="{}")] * 8
    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(lambda outcome: tasks.finish(task_id, outcome), outcomes))
    assert sum(won) == 1
    record = tasks.get(task_id)
    assert record is not None
    assert record.state is outcomes[won.index(True)].state


def test_text_that_postgresql_does_not_take_is_taken(tasks: TaskStore) -> None:
    task_id = tasks.add(_new())[0].id
    assert tasks.finish(task_id, Outcome(TaskState.FAILED, "a\0b"))
    record = tasks.get(task_id)
    assert record is not None
    assert record.reason == "a�b"
    assert tasks.get("a\0b") is None


def test_replicas_know_each_other(server: Any, database: str, state: StateServer) -> None:
    other = StateServer(server.url(database))
    other.open()
    state.join("1")
    assert set(state.living()) == {state.executor_id}
    with state.database.begin() as connection:  # as if it ran on another machine
        other.join("2")
        connection.execute(sa.text("UPDATE canary_replicas SET host = 'h' WHERE version = '2'"))
    assert state.living() == {state.executor_id: "1", other.executor_id: "2"}
    assert state.confirm()
    other.close()
    assert state.living() == {state.executor_id: "1"}
    state.forget([state.executor_id])
    assert not state.confirm()


def test_silence_makes_a_replica_dead(server: Any, database: str, state: StateServer) -> None:
    _insert(state, "elsewhere", "another machine", 1, "44 seconds")
    assert set(state.living()) == {"elsewhere"}
    _insert(state, "silent", "another machine", 1, "46 seconds")
    assert set(state.living()) == {"elsewhere"}


def test_a_process_that_is_gone_is_dead_at_once(state: StateServer) -> None:
    gone = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(gone, 0)
    _insert(state, "gone", host_id(), gone)
    _insert(state, "there", host_id(), os.getppid())
    _insert(state, "my own former self", host_id(), os.getpid())
    assert set(state.living()) == {"there"}


def _insert(state: StateServer, name: str, host: str, pid: int, age: str = "0 s") -> None:
    with state.database.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO canary_replicas VALUES "
                "(:name, '1', :host, :pid, clock_timestamp() - CAST(:age AS interval))"
            ),
            {"name": name, "host": host, "pid": pid, "age": age},
        )


def test_rows_of_long_ago_are_swept(state: StateServer) -> None:
    _insert(state, "old", "another machine", 1, "2 days")
    state.join("1")
    with state.database.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM canary_replicas")).scalar() == 1


def test_a_column_that_a_former_version_lacked_is_added(server: Any, database: str) -> None:
    first = StateServer(server.url(database))
    opened = first.open()
    TaskStore(opened).add(_new())
    with opened.begin() as connection:
        connection.execute(sa.text("ALTER TABLE canary_tasks DROP COLUMN owner"))
    first.close()
    again = StateServer(server.url(database))
    assert TaskStore(again.open()).find(TaskQuery()).records[0].owner == ""
    again.close()


def test_a_server_that_ends_is_out_of_reach(running_server: Any, tasks: TaskStore) -> None:
    assert tasks.answers()
    running_server.stop()
    assert not tasks.answers()
    with pytest.raises(sa.exc.OperationalError) as raised:
        tasks.get("x")
    assert out_of_reach(raised.value)
    running_server.start()
    assert tasks.answers()


def test_other_errors_are_not_out_of_reach(state: StateServer) -> None:
    with state.database.connect() as connection, pytest.raises(sa.exc.ProgrammingError) as raised:
        connection.execute(sa.text("SELECT * FROM nowhere"))
    assert not out_of_reach(raised.value)
    assert isinstance(raised.value.orig, psycopg.errors.UndefinedTable)


class Silent:
    """A state whose database hangs, or says what it is told to."""

    def __init__(self, answer: Callable[[], bool]) -> None:
        self.confirm = answer

    def join(self, version: str) -> None:
        pass


def _lost(answer: Callable[[], bool], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("canary_agent.store.membership.CONFIRM_INTERVAL", 0.01)
    monkeypatch.setattr("canary_agent.store.membership.PATIENCE", 0.5)
    told: list[str] = []
    ended = threading.Event()

    def on_lost(why: str) -> None:
        told.append(why)
        ended.set()

    state: Any = Silent(answer)
    membership = Membership(state, on_lost)
    membership.start("1")
    assert ended.wait(30)
    membership.stop()
    return told[0]


def test_a_database_that_hangs_ends_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = threading.Event()
    try:
        assert "out of reach for 0.5 s" in _lost(lambda: hanging.wait(1.5), monkeypatch)
    finally:
        hanging.set()


def test_errors_of_any_kind_are_no_sign_of_life(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> bool:
        raise ZeroDivisionError

    assert "out of reach" in _lost(fail, monkeypatch)
    assert "cannot say that this replica lives" in caplog.text


def test_word_from_the_database_keeps_the_work_going(monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.monotonic()
    assert "taken this one for dead" in _lost(lambda: time.monotonic() < began + 1, monkeypatch)


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://u:{SECRET}@h:no/db",
        f"postgresql://u:{SECRET}@h:5432",
        f"mysql://u:{SECRET}@h/db://",
        f"://{SECRET}",
    ],
)
def test_a_url_that_is_none_is_not_shown(text: str) -> None:
    with pytest.raises(StateError) as raised:
        read_url(text)
    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://u:{SECRET}@h/db",
        f"postgres://u@h/db?password={SECRET}",
        f"postgresql:///db?host=/tmp&password={SECRET}",
    ],
)
def test_a_password_is_not_shown(text: str) -> None:
    url = read_url(text)
    assert url.password == SECRET
    assert SECRET not in f"{url!r} {url}"
    assert url.database == "db"


def test_where_there_is_no_proc_every_process_is_alone(tmp_path: Path) -> None:
    assert host_id(tmp_path) != host_id(tmp_path)
