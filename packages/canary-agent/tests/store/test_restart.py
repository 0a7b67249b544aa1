"""Engines one after the other over the same state: what a former one left goes on."""

import threading
from collections.abc import Callable
from typing import Any

from canary_agent.store import NewTask, TaskState

Ask = Callable[..., NewTask]
Until = Callable[..., None]


def test_drained_work_goes_on_in_the_next_engine(
    fresh_workshop: Any, ask: Ask, until: Until
) -> None:
    running, waiting = ask("wait"), ask()
    engine = fresh_workshop.engine(concurrency=1).launch()
    first = engine.submit(running)
    until(lambda: bool(fresh_workshop.starts(running)))
    second = engine.submit(waiting)
    engine.drain(0.2)
    late = ask()
    third = engine.submit(late)  # taken while draining, begun by nobody
    assert engine.tasks.get(first.id).state is TaskState.WORKING
    assert engine.tasks.get(second.id).state is TaskState.SUBMITTED
    engine.close()

    fresh_workshop.open(running)
    engine = fresh_workshop.engine(concurrency=1).launch()
    records = (first, second, third)
    until(lambda: all(engine.get(record.id).state.final for record in records))
    finals = [engine.get(record.id) for record in records]
    assert [final.state for final in finals] == [TaskState.COMPLETED] * 3
    assert finals[0].attempts == 1  # an orderly stop is no crash
    assert len(fresh_workshop.starts(running)) == 2
    assert len(fresh_workshop.starts(waiting)) == 1
    engine.drain(0)
    engine.drain(0)  # twice is once
    engine.close()


def test_running_work_may_end_within_the_grace(fresh_workshop: Any, ask: Ask, until: Until) -> None:
    engine = fresh_workshop.engine().launch()
    question = ask("wait")
    record = engine.submit(question)
    until(lambda: bool(fresh_workshop.starts(question)))
    drain = threading.Thread(target=engine.drain, args=(30,))
    drain.start()
    fresh_workshop.open(question)
    drain.join()
    assert engine.tasks.get(record.id).state is TaskState.COMPLETED
    engine.close()


def test_a_grace_can_be_ended(fresh_workshop: Any, ask: Ask, until: Until) -> None:
    engine = fresh_workshop.engine().launch()
    question = ask("wait")
    record = engine.submit(question)
    until(lambda: bool(fresh_workshop.starts(question)))
    drain = threading.Thread(target=engine.drain, args=(600,))
    drain.start()
    until(lambda: engine.draining)
    engine.hurry()
    drain.join(30)
    assert not drain.is_alive()
    assert engine.tasks.get(record.id).state is TaskState.WORKING
    engine.close()
