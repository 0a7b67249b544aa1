"""The task table: what is kept, and that a final state stays."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from canary_agent.store import NewTask, TaskQuery, TaskState
from canary_agent.store.records import REASON_LIMIT, Outcome
from canary_agent.store.tasks import DEADLINE_PASSED, TaskStore

Ask = Callable[..., NewTask]
DONE = Outcome(TaskState.COMPLETED, verdict='{"verdict": "promote"}')


def test_a_new_task_is_submitted_and_found_again(tasks: TaskStore, ask: Ask) -> None:
    question = ask()
    record, added = tasks.add(question)
    assert added
    assert record.state is TaskState.SUBMITTED
    assert not record.state.final
    assert record.request == question.request
    assert tasks.get(record.id) == record


def test_an_unknown_task_is_none(tasks: TaskStore) -> None:
    assert tasks.get("nobody") is None
    assert tasks.begin("nobody") is None
    assert not tasks.finish("nobody", DONE)


def test_the_same_message_keeps_the_first_task(tasks: TaskStore, ask: Ask) -> None:
    first, _ = tasks.add(ask(message_id="m"))
    again, added = tasks.add(ask(message_id="m"))
    assert not added
    assert again == first


def test_the_same_message_from_fifty_threads_makes_one_task(tasks: TaskStore, ask: Ask) -> None:
    questions = [ask(message_id="m") for _ in range(50)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(tasks.add, questions))
    assert len({record.id for record, _ in answers}) == 1
    assert sum(added for _, added in answers) == 1


def test_beginning_counts_attempts_and_an_orderly_stop_takes_one_back(
    tasks: TaskStore, ask: Ask
) -> None:
    task_id = tasks.add(ask())[0].id
    begun = tasks.begin(task_id)
    assert begun is not None
    assert (begun.state, begun.attempts) == (TaskState.WORKING, 1)
    tasks.hand_back(task_id)
    again = tasks.begin(task_id)
    assert again is not None
    assert again.attempts == 1


def test_a_final_task_forgets_the_request_and_bounds_the_reason(tasks: TaskStore, ask: Ask) -> None:
    task_id = tasks.add(ask())[0].id
    assert tasks.finish(task_id, Outcome(TaskState.FAILED, "x" * 5000))
    record = tasks.get(task_id)
    assert record is not None
    assert record.request == ""
    assert len(record.reason) == REASON_LIMIT
    assert record.state.final


@settings(deadline=None, max_examples=50)
@given(ends=st.lists(st.sampled_from([TaskState.COMPLETED, TaskState.FAILED, TaskState.CANCELED])))
def test_the_first_final_state_stays(ends: list[TaskState], shared_tasks: TaskStore) -> None:
    record, _ = shared_tasks.add(_question())
    took = [shared_tasks.finish(record.id, Outcome(state, state.value)) for state in ends]
    assert took == [True, *[False] * (len(ends) - 1)][: len(ends)]
    kept = shared_tasks.get(record.id)
    assert kept is not None
    assert kept.state is (ends[0] if ends else TaskState.SUBMITTED)
    assert (shared_tasks.begin(record.id) is None) == bool(ends)


def test_cancel_and_answer_from_two_threads_leave_one_winner(tasks: TaskStore, ask: Ask) -> None:
    outcomes = [DONE, Outcome(TaskState.CANCELED, "canceled")]
    with ThreadPoolExecutor(2) as pool:
        for _ in range(30):
            task_id = tasks.add(ask())[0].id
            took = list(pool.map(tasks.finish, [task_id] * 2, outcomes))
            record = tasks.get(task_id)
            assert record is not None
            assert sorted(took) == [False, True]
            assert record.state is outcomes[took.index(True)].state


def test_a_lease_that_nobody_renews_ends_the_task(tasks: TaskStore, ask: Ask, clock: Any) -> None:
    asked, _ = tasks.add(ask(lease_seconds=100))
    forgotten, _ = tasks.add(ask(lease_seconds=100))
    clock.now += 60
    tasks.renew(asked)
    clock.now += 60
    assert tasks.expire() == [forgotten.id]
    record = tasks.get(forgotten.id)
    assert record is not None
    assert record.state is TaskState.CANCELED
    assert "100 s" in record.reason
    assert tasks.expire() == []


@settings(deadline=None, max_examples=50)
@given(gaps=st.lists(st.floats(0, 99.9), max_size=30))
def test_a_lease_asked_for_in_time_never_ends(
    gaps: list[float], shared_tasks: TaskStore, shared_clock: Any
) -> None:
    record, _ = shared_tasks.add(_question(lease_seconds=100))
    for gap in gaps:
        shared_clock.now += gap
        assert record.id not in shared_tasks.expire()
        found = shared_tasks.get(record.id)
        assert found is not None
        shared_tasks.renew(found)
    shared_clock.now += 111
    assert record.id in shared_tasks.expire()


def test_a_restart_starts_leases_anew(tasks: TaskStore, ask: Ask, clock: Any) -> None:
    tasks.add(ask(lease_seconds=100))
    clock.now += 1000
    tasks.renew_all()
    clock.now += 100
    assert tasks.expire() == []
    clock.now += 11
    assert len(tasks.expire()) == 1


def test_a_deadline_goes_before_a_lease(tasks: TaskStore, ask: Ask, clock: Any) -> None:
    record, _ = tasks.add(ask(deadline_at=clock.now + 50, lease_seconds=40))
    clock.now += 60
    assert tasks.expire() == [record.id]
    kept = tasks.get(record.id)
    assert kept is not None
    assert (kept.state, kept.reason) == (TaskState.FAILED, DEADLINE_PASSED)


def test_pages_go_through_all_tasks_of_a_context_newest_first(
    tasks: TaskStore, ask: Ask, clock: Any
) -> None:
    made = []
    for number in range(7):
        made.append(tasks.add(ask(context_id="c"))[0].id)
        clock.now += number % 2  # some share their time
    tasks.add(ask(context_id="other"))
    seen: list[str] = []
    after = None
    while True:
        page = tasks.find(TaskQuery(context_id="c", after=after, limit=3))
        assert page.total == 7
        seen += [record.id for record in page.records]
        if not page.more:
            break
        after = (page.records[-1].updated_at, page.records[-1].id)
    assert sorted(seen) == sorted(made)
    assert seen[-1] in made[:2]


def test_a_query_filters_by_state_and_time(tasks: TaskStore, ask: Ask, clock: Any) -> None:
    old = tasks.add(ask())[0].id
    clock.now += 10
    new = tasks.add(ask())[0].id
    tasks.finish(old, DONE)
    assert [r.id for r in tasks.find(TaskQuery(state=TaskState.COMPLETED)).records] == [old]
    clock.now += 10
    tasks.finish(new, DONE)
    recent = tasks.find(TaskQuery(updated_since=clock.now))
    assert [record.id for record in recent.records] == [new]


def test_old_and_surplus_tasks_are_forgotten_open_ones_never(
    tasks: TaskStore, ask: Ask, clock: Any
) -> None:
    kept_open = tasks.add(ask())[0].id
    finished = []
    for _ in range(5):
        finished.append(tasks.add(ask())[0].id)
        tasks.finish(finished[-1], DONE)
        clock.now += 100
    assert tasks.outdated(max_age=350, max_count=100) == sorted(finished[:2])
    assert tasks.outdated(max_age=10_000, max_count=2) == sorted(finished[:3])
    tasks.forget([*finished, kept_open])
    assert tasks.open_ids() == [kept_open]
    assert tasks.find(TaskQuery()).total == 1


def test_a_note_stays_until_the_end(tasks: TaskStore, ask: Ask) -> None:
    task_id = tasks.add(ask())[0].id
    tasks.note(task_id, "its process was ended by SIGKILL")
    begun = tasks.begin(task_id)
    assert begun is not None
    assert begun.reason == "its process was ended by SIGKILL"
    tasks.finish(task_id, DONE)
    record = tasks.get(task_id)
    assert record is not None
    assert record.reason == ""


_numbers = itertools.count()


def _question(**fields: Any) -> NewTask:
    values: dict[str, Any] = {
        "message_id": f"given-{next(_numbers)}",
        "context_id": "c",
        "run_uid": "r",
        "request": "{}",
        "deadline_at": 1e12,
        "lease_seconds": 180,
    }
    return NewTask(**{**values, **fields})
