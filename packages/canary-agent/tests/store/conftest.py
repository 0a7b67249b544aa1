"""A clock that tests turn by hand, an engine over a gated analysis, and questions to ask it."""

import functools
import importlib
import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest

from canary_agent.store import AnalysisEngine, EngineSettings, NewTask, TaskRecord
from canary_agent.store.state_file import open_file
from canary_agent.store.tasks import TaskStore

DOUBLES = Path(__file__).parent.parent / "server" / "doubles"
DEADLINE = 30.0


@dataclass
class Clock:
    """Seconds since the epoch, as the test says."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class OffsetClock:
    """The real time, moved."""

    offset: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.offset


class Ask(Protocol):
    """Makes a question; `words` say what the analysis does."""

    def __call__(self, words: str = "", **fields: object) -> NewTask: ...


_numbers = itertools.count()


@pytest.fixture
def ask() -> Ask:
    def make(words: str = "", **fields: object) -> NewTask:
        number = next(_numbers)
        request = {
            "run": {"uid": f"run-{number}", "namespace": "shop"},
            "stable": {"selector": "role=stable"},
            "canary": {"selector": "role=canary"},
            "deadline": "2100-01-01T00:00:00Z",
            "extraPrompt": words,
        }
        values: dict[str, object] = {
            "message_id": f"message-{number}",
            "context_id": f"context-{number}",
            "run_uid": f"run-{number}",
            "request": json.dumps(request),
            "deadline_at": 4_000_000_000.0,
            "lease_seconds": 180,
        }
        return NewTask(**{**values, **fields})  # type: ignore[arg-type]

    return make


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tasks(tmp_path: Path, clock: Clock) -> Iterator[TaskStore]:
    database = open_file(tmp_path / "state.sqlite")
    yield TaskStore(database, clock)
    database.dispose()


@pytest.fixture(scope="module")
def shared_clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def shared_tasks(
    tmp_path_factory: pytest.TempPathFactory, shared_clock: Clock
) -> Iterator[TaskStore]:
    """One table for all examples of a property."""
    database = open_file(tmp_path_factory.mktemp("shared") / "state.sqlite")
    yield TaskStore(database, shared_clock)
    database.dispose()


@dataclass
class Workshop:
    """An engine in this process and the gates of its analyses."""

    folder: Path
    clock: OffsetClock = field(default_factory=OffsetClock)

    def engine(self, **settings: object) -> AnalysisEngine:
        analyse = importlib.import_module("gated_analysis").analyse
        plan = EngineSettings(
            state=str(self.folder / "state.sqlite"),
            preload=("gated_analysis",),
            **settings,  # type: ignore[arg-type]
        )
        return AnalysisEngine(plan, functools.partial(analyse, self.folder), self.clock)

    def open(self, task: NewTask | TaskRecord) -> None:
        (self.folder / f"{task.run_uid}.open").touch()

    def starts(self, task: NewTask | TaskRecord) -> list[int]:
        """The process ids of the task's analyses so far."""
        path = self.folder / f"{task.run_uid}.starts"
        return [int(line) for line in path.read_text().splitlines()] if path.exists() else []


def until(holds: Callable[[], bool], what: str = "") -> None:
    """Waits for something to become true."""
    give_up = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < give_up, f"not within {DEADLINE} s: {what}"
        time.sleep(0.01)


@pytest.fixture(name="until")
def until_fixture() -> Callable[[Callable[[], bool], str], None]:
    return until


@pytest.fixture(scope="session", autouse=True)
def doubles() -> Iterator[None]:
    """Lets child processes find the analysis of the tests."""
    sys.path.insert(0, str(DOUBLES))
    yield
    sys.path.remove(str(DOUBLES))


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("workshop"))


@pytest.fixture
def fresh_workshop(tmp_path: Path) -> Workshop:
    """For tests that leave work behind."""
    return Workshop(tmp_path)


@pytest.fixture(scope="module")
def engine(workshop: Workshop) -> Iterator[AnalysisEngine]:
    """One engine for all tests of a module: DBOS is one to a process."""
    engine = workshop.engine(concurrency=2).launch()
    yield engine
    engine.drain(0)
    engine.close()
