"""What follows a verdict never changes it, never holds it for long, and survives the process."""

import functools
import importlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from canary_agent.store import AnalysisEngine, FollowUp, NewTask, TaskRecord, TaskState

Ask = Callable[..., NewTask]
Until = Callable[..., None]
MEANWHILE = "https://github.example/acme/shop/issues?q=key"


def follow_up(workshop: Any, **changed: Any) -> FollowUp:
    actor_for = importlib.import_module("following_actor").actor_for
    plan = FollowUp(
        concerns=lambda asked, _: "act" in json.loads(asked)["extraPrompt"],
        actor_for=functools.partial(actor_for, workshop.folder),
        link_meanwhile=lambda _: MEANWHILE,
        seconds=20.0,
    )
    return replace(plan, **changed)


@pytest.fixture
def begin(fresh_workshop: Any) -> Iterator[Callable[..., AnalysisEngine]]:
    """Starts engines one after the other over the same state."""
    begun: list[AnalysisEngine] = []

    def start(**changed: Any) -> AnalysisEngine:
        if begun:
            end()
        plan = follow_up(fresh_workshop, **changed)
        begun.append(fresh_workshop.engine(follow_up=plan).launch())
        return begun[-1]

    def end() -> None:
        engine = begun.pop()
        engine.drain(0)
        engine.close()

    yield start
    end()


def question(ask: Ask, words: str) -> NewTask:
    task = ask(words)
    return replace(task, asked=task.request)


def kept(engine: AnalysisEngine, record: TaskRecord) -> TaskRecord:
    found = engine.get(record.id)
    assert found is not None
    return found


def answer_of(engine: AnalysisEngine, record: TaskRecord) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(kept(engine, record).verdict)
    return answer


def final(engine: AnalysisEngine, record: TaskRecord, until: Until) -> dict[str, Any]:
    until(lambda: kept(engine, record).state.final, "a final state")
    assert kept(engine, record).state is TaskState.COMPLETED
    return answer_of(engine, record)


def acts(workshop: Any, task: NewTask) -> int:
    path = workshop.folder / f"{task.run_uid}.acts"
    return len(path.read_text().splitlines()) if path.exists() else 0


def link() -> str:
    found: str = importlib.import_module("following_actor").LINK
    return found


def test_a_link_that_is_there_in_time_stands_in_the_verdict(
    begin: Any, fresh_workshop: Any, ask: Ask, until: Until
) -> None:
    engine, task = begin(), question(ask, "act")
    answer = final(engine, engine.submit(task), until)
    assert answer["issueLink"] == link()
    assert answer["promote"] is True
    assert acts(fresh_workshop, task) == 1


def test_nothing_follows_what_it_does_not_concern(
    begin: Any, fresh_workshop: Any, ask: Ask, until: Until
) -> None:
    engine, task = begin(), question(ask, "nothing")
    assert final(engine, engine.submit(task), until)["issueLink"] == ""
    assert acts(fresh_workshop, task) == 0


def test_where_it_is_off_nothing_is_waited_for(
    begin: Any, fresh_workshop: Any, ask: Ask, until: Until
) -> None:
    engine, task = begin(off="GITHUB_TOKEN not configured"), question(ask, "act-wait")
    assert final(engine, engine.submit(task), until)["issueLink"] == ""
    assert acts(fresh_workshop, task) == 0


@pytest.mark.parametrize("words", ["act-raise", "act-exit"])
def test_a_failure_leaves_the_verdict_as_it_is(
    begin: Any, ask: Ask, until: Until, words: str
) -> None:
    engine = begin()
    answer = final(engine, engine.submit(question(ask, words)), until)
    assert answer["promote"] is True
    assert answer["issueLink"] == ""


def test_of_what_a_child_says_only_links_are_taken(begin: Any, ask: Ask, until: Until) -> None:
    engine = begin()
    answer = final(engine, engine.submit(question(ask, "act-lie")), until)
    assert answer["issueLink"] == link()
    assert (answer["promote"], answer["confidence"], answer["analysis"]) == (True, 90.0, "fine")


def test_a_late_link_is_put_into_the_verdict_afterwards(
    begin: Any, fresh_workshop: Any, ask: Ask, until: Until
) -> None:
    engine, task = begin(seconds=0.1), question(ask, "act-wait")
    record = engine.submit(task)
    assert final(engine, record, until)["issueLink"] == MEANWHILE
    (fresh_workshop.folder / f"{task.run_uid}.act-open").touch()
    until(lambda: answer_of(engine, record)["issueLink"] == link(), "the link")


def test_the_next_process_goes_on(begin: Any, fresh_workshop: Any, ask: Ask, until: Until) -> None:
    engine, task = begin(seconds=0.1), question(ask, "act-wait")
    record = engine.submit(task)
    final(engine, record, until)
    until(lambda: acts(fresh_workshop, task) == 1, "the follow-up")
    engine = begin(seconds=0.1)
    until(lambda: acts(fresh_workshop, task) == 2, "the follow-up, again")
    (fresh_workshop.folder / f"{task.run_uid}.act-open").touch()
    until(lambda: answer_of(engine, record)["issueLink"] == link(), "the link")
