"""The engine in this process: queue, cancel, crash, lease, retention, drain."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from dbos import DBOS

from canary_agent.store import AnalysisEngine, NewTask, TaskRecord, TaskState
from canary_agent.store.durable import DrainedError
from canary_agent.store.records import Outcome

Ask = Callable[..., NewTask]
Until = Callable[..., None]


def _state(engine: AnalysisEngine, record: TaskRecord) -> TaskState:
    found = engine.get(record.id)
    assert found is not None
    return found.state


def _final(engine: AnalysisEngine, record: TaskRecord, until: Until) -> TaskRecord:
    until(lambda: _state(engine, record).final, "a final state")
    found = engine.get(record.id)
    assert found is not None
    return found


def test_a_question_is_answered(engine: AnalysisEngine, ask: Ask, until: Until) -> None:
    announced: list[str] = []
    engine.on_final = announced.append
    record = engine.submit(ask())
    final = _final(engine, record, until)
    assert final.state is TaskState.COMPLETED
    assert '"promote": true' in final.verdict
    until(lambda: record.id in announced)
    assert engine.last_sign(final) == final.updated_at


def test_fifty_sends_of_one_message_make_one_analysis(
    engine: AnalysisEngine, ask: Ask, workshop: Any, until: Until
) -> None:
    question = ask()
    with ThreadPoolExecutor(16) as pool:
        records = list(pool.map(lambda _: engine.submit(question), range(50)))
    assert len({record.id for record in records}) == 1
    assert _final(engine, records[0], until).state is TaskState.COMPLETED
    assert engine.submit(question).state is TaskState.COMPLETED
    assert len(workshop.starts(question)) == 1


def test_no_more_than_the_set_number_is_at_work(
    engine: AnalysisEngine, ask: Ask, workshop: Any, until: Until
) -> None:
    questions = [ask("wait") for _ in range(4)]
    records = [engine.submit(question) for question in questions]
    until(lambda: sum(_state(engine, r) is TaskState.WORKING for r in records) == 2, "two at work")
    for _ in range(20):
        assert [_state(engine, r) for r in records].count(TaskState.WORKING) == 2
    waiting = [r for r in records if _state(engine, r) is TaskState.SUBMITTED]
    assert len(waiting) == 2
    for question in questions:
        workshop.open(question)
    assert {_final(engine, record, until).state for record in records} == {TaskState.COMPLETED}


def test_a_cancel_stops_the_running_step(
    engine: AnalysisEngine, ask: Ask, workshop: Any, until: Until
) -> None:
    question = ask("deaf")
    record = engine.submit(question)
    until(lambda: bool(workshop.starts(question)))
    assert engine.cancel(record.id, "canceled by the client")
    assert not engine.cancel(record.id, "again")
    until(lambda: not engine._work.running)
    assert _state(engine, record) is TaskState.CANCELED


def test_a_cancelled_task_in_the_queue_never_starts(
    engine: AnalysisEngine, ask: Ask, workshop: Any, until: Until
) -> None:
    blockers = [ask("wait") for _ in range(2)]
    blocking = [engine.submit(blocker) for blocker in blockers]
    until(lambda: all(workshop.starts(blocker) for blocker in blockers))
    waiting = ask()
    record = engine.submit(waiting)
    assert engine.cancel(record.id, "canceled by the client")
    for blocker in blockers:
        workshop.open(blocker)
    for blocked in blocking:
        _final(engine, blocked, until)
    until(lambda: _workflow_state(record) == "SUCCESS", "its workflow ends")
    assert workshop.starts(waiting) == []
    assert _state(engine, record) is TaskState.CANCELED


def test_a_late_answer_does_not_overwrite_a_cancel(
    engine: AnalysisEngine, ask: Ask, workshop: Any, until: Until
) -> None:
    question = ask("late")
    record = engine.submit(question)
    until(lambda: bool(workshop.starts(question)))
    assert engine.cancel(record.id, "canceled by the client")
    until(lambda: _workflow_state(record) == "SUCCESS", "its workflow ends")
    found = engine.get(record.id)
    assert found is not None
    assert (found.state, found.verdict) == (TaskState.CANCELED, "")


def test_a_cancel_between_begin_and_start_is_seen(
    engine: AnalysisEngine, ask: Ask, workshop: Any, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = engine.tasks.begin

    def begin_and_cancel(task_id: str, owner: str) -> TaskRecord | None:
        record = begin(task_id, owner)
        engine.cancel(task_id, "canceled by the client")
        return record

    monkeypatch.setattr(engine.tasks, "begin", begin_and_cancel)
    question = ask("wait")
    record = engine.submit(question)
    until(lambda: _workflow_state(record) == "SUCCESS", "its workflow ends")
    assert workshop.starts(question) == []


def test_a_failed_analysis_says_why(engine: AnalysisEngine, ask: Ask, until: Until) -> None:
    final = _final(engine, engine.submit(ask("raise")), until)
    assert final.state is TaskState.FAILED
    assert final.reason.startswith("the analysis failed: ValueError: no such log")


def test_a_crash_is_tried_again(
    engine: AnalysisEngine, ask: Ask, workshop: Any, until: Until
) -> None:
    question = ask("die-once")
    assert _final(engine, engine.submit(question), until).state is TaskState.COMPLETED
    assert len(workshop.starts(question)) == 2


def test_the_third_crash_is_the_last(
    engine: AnalysisEngine, ask: Ask, workshop: Any, until: Until
) -> None:
    question = ask("die")
    final = _final(engine, engine.submit(question), until)
    assert final.state is TaskState.FAILED
    assert "crashed 3 times" in final.reason
    assert "SIGKILL" in final.reason
    assert len(workshop.starts(question)) == 3


def test_a_task_that_nobody_asks_for_is_ended_and_stopped(
    engine: AnalysisEngine, ask: Ask, workshop: Any, until: Until
) -> None:
    question = ask("wait", lease_seconds=50)
    record = engine.submit(question)
    until(lambda: bool(workshop.starts(question)))
    workshop.clock.offset += 60
    until(lambda: engine.tasks.get(record.id).state.final)  # type: ignore[union-attr]
    found = engine.get(record.id)
    assert found is not None
    assert (found.state, found.reason[:27]) == (TaskState.CANCELED, "nobody has asked for this t")
    until(lambda: not engine._work.running)


def test_a_deadline_ends_a_running_analysis(
    engine: AnalysisEngine, ask: Ask, workshop: Any, until: Until
) -> None:
    question = ask("wait", deadline_at=workshop.clock() + 30)
    record = engine.submit(question)
    until(lambda: bool(workshop.starts(question)))
    assert _state(engine, record) is TaskState.WORKING
    workshop.clock.offset += 31
    assert "deadline" in _final(engine, record, until).reason
    until(lambda: not engine._work.running)


def test_the_sign_of_life_of_running_work_is_its_own(
    engine: AnalysisEngine, ask: Ask, workshop: Any, until: Until
) -> None:
    question = ask("deaf")
    record = engine.submit(question)
    until(lambda: bool(workshop.starts(question)))
    engine._work.running[record.id].last_sign = 1.0
    found = engine.get(record.id)
    assert found is not None
    assert engine.last_sign(found) == 1.0
    workshop.open(question)
    _final(engine, record, until)


def test_a_waiting_task_lives_as_long_as_the_engine(engine: AnalysisEngine, ask: Ask) -> None:
    record = engine.submit(ask())
    assert engine.last_sign(record) >= record.created_at


def test_old_tasks_and_their_workflows_are_forgotten(
    engine: AnalysisEngine, ask: Ask, workshop: Any, until: Until
) -> None:
    record = engine.submit(ask())
    _final(engine, record, until)
    until(lambda: _workflow_state(record) == "SUCCESS")
    workshop.clock.offset += 8 * 86_400
    engine._upkeep.keep()
    assert engine.get(record.id) is None
    assert DBOS.get_workflow_status(record.id) is None


def test_a_task_whose_workflow_was_never_made_is_taken_up(
    engine: AnalysisEngine, ask: Ask, until: Until
) -> None:
    record, _ = engine.tasks.add(ask())
    engine._upkeep.keep()
    assert _final(engine, record, until).state is TaskState.COMPLETED


def test_a_task_whose_workflow_ended_without_a_word_fails(
    engine: AnalysisEngine, ask: Ask, workshop: Any, until: Until
) -> None:
    question = ask("wait")
    record = engine.submit(question)
    until(lambda: bool(workshop.starts(question)))
    DBOS.cancel_workflow(record.id)
    engine._upkeep.keep()
    found = engine.get(record.id)
    assert found is not None
    assert found.reason == "the analysis cannot go on: its workflow ended as CANCELLED"
    until(lambda: not engine._work.running)


def test_work_of_another_version_is_given_up(
    engine: AnalysisEngine, ask: Ask, workshop: Any, monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    question = ask("wait")
    record = engine.submit(question)
    until(lambda: bool(workshop.starts(question)))
    monkeypatch.setattr("canary_agent.store.upkeep.APPLICATION_VERSION", "2")
    engine._upkeep.keep()
    found = engine.get(record.id)
    assert found is not None
    assert "begun by version 1 of the agent" in found.reason
    until(lambda: not engine._work.running)


def test_the_sweeper_survives_an_error(
    engine: AnalysisEngine,
    ask: Ask,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail() -> list[str]:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(engine.tasks, "expire", fail)
        until(lambda: "cannot look after the tasks" in caplog.text)
    record, _ = engine.tasks.add(ask(deadline_at=0.0))
    until(lambda: _state(engine, record) is TaskState.FAILED)


def test_leases_begin_anew_after_an_outage(
    engine: AnalysisEngine, ask: Ask, workshop: Any, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> list[str]:
        raise sa.exc.OperationalError("UPDATE", {}, OSError("gone"))

    question = ask("wait", lease_seconds=50)
    record = engine.submit(question)
    caplog.set_level("INFO")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine.tasks, "expire", fail)
        until(lambda: "the database does not answer" in caplog.text)
        workshop.clock.offset += 60
    until(lambda: "the database answers again" in caplog.text)
    assert caplog.text.count("does not answer") == 1
    assert not _state(engine, record).final
    workshop.open(question)
    assert _final(engine, record, until).state is TaskState.COMPLETED


def test_a_step_waits_for_the_database(
    engine: AnalysisEngine, ask: Ask, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("canary_agent.store.work.OUTAGE_RETRY", 0.01)
    finish, failures = engine.tasks.finish, iter(range(3))

    def finish_at_last(task_id: str, outcome: Outcome) -> bool:
        for _ in failures:
            raise sa.exc.OperationalError("UPDATE", {}, OSError("gone"))
        return finish(task_id, outcome)

    monkeypatch.setattr(engine.tasks, "finish", finish_at_last)
    assert _final(engine, engine.submit(ask()), until).state is TaskState.COMPLETED


def test_a_step_waits_no_longer_than_the_process(
    engine: AnalysisEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_task_id: str, _owner: str) -> None:
        monkeypatch.setattr(engine._work, "ending", _set_event())
        raise sa.exc.OperationalError("UPDATE", {}, OSError("gone"))

    monkeypatch.setattr(engine.tasks, "begin", fail)
    with pytest.raises(DrainedError):
        engine._work.analyse("task")


def test_a_lost_state_stops_all_work(
    engine: AnalysisEngine, ask: Ask, workshop: Any, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = ask("wait")
    record = engine.submit(question)
    until(lambda: bool(workshop.starts(question)))
    told: list[str] = []
    monkeypatch.setattr(engine, "lost", "")
    monkeypatch.setattr(engine, "on_lost", lambda: told.append(engine.lost))
    with monkeypatch.context() as patch:
        patch.setattr(engine._work, "ending", threading.Event())
        engine._lose("the database is gone")
        assert engine.draining
        assert told == ["the database is gone"]
        until(lambda: not engine._work.running)
    assert engine.cancel(record.id, "enough")


def test_draining_work_begins_nothing(
    engine: AnalysisEngine, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine._work, "ending", _set_event())
    record = engine.submit(ask())
    assert DBOS.get_workflow_status(record.id) is None
    with pytest.raises(DrainedError):
        engine._work.analyse(record.id)


def test_a_question_that_comes_while_the_engine_is_drained_is_kept(
    engine: AnalysisEngine, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        monkeypatch.setattr(engine._work, "ending", _set_event())
        raise RuntimeError("no DBOS any more")

    monkeypatch.setattr(DBOS, "enqueue_workflow", gone)
    record = engine.submit(ask())
    assert _state(engine, record) is TaskState.SUBMITTED


def test_a_question_that_cannot_be_queued_is_an_error(
    engine: AnalysisEngine, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(DBOS, "enqueue_workflow", full)
    with pytest.raises(OSError, match="disk full"):
        engine.submit(ask())


def _set_event() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


def _workflow_state(record: TaskRecord) -> str:
    status = DBOS.get_workflow_status(record.id)
    return "" if status is None else str(status.status)


def test_time_is_the_real_one(workshop: Any) -> None:
    assert abs(workshop.clock() - workshop.clock.offset - time.time()) < 5
