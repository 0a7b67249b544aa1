"""One analysis in one child process: what comes back, and that it can be stopped."""

import functools
import importlib
import json
import os
import threading
import time
from collections.abc import Callable
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import pytest

from canary_agent.process import (
    AnalysisCrashedError,
    AnalysisFailedError,
    AnalysisProcess,
    AnalysisStoppedError,
    ChildTask,
    forking_context,
    last_message,
    run_child,
)
from canary_agent.store import NewTask

Ask = Callable[..., NewTask]
Until = Callable[..., None]


@pytest.fixture
def start(workshop: Any) -> Callable[[NewTask], AnalysisProcess]:
    context = forking_context(["gated_analysis"])

    def make(question: NewTask) -> AnalysisProcess:
        return AnalysisProcess(context, _task(question, workshop.folder))

    return make


def _task(question: NewTask, gates: Path) -> ChildTask:
    analyse = importlib.import_module("gated_analysis").analyse
    return ChildTask("task-1", question.request, functools.partial(analyse, gates))


def test_the_verdict_comes_back_as_json(start: Any, ask: Ask, workshop: Any) -> None:
    question = ask()
    verdict = json.loads(start(question).run())
    assert verdict["runUid"] == question.run_uid
    assert verdict["promote"] is True
    assert workshop.starts(question) != [os.getpid()]


def test_an_exception_is_told_in_bounds(start: Any, ask: Ask) -> None:
    with pytest.raises(AnalysisFailedError, match="ValueError: no such log") as raised:
        start(ask("raise")).run()
    assert len(str(raised.value)) < 1000


@pytest.mark.parametrize(
    ("word", "how"), [("exit", "exit code 3"), ("die", "SIGKILL, perhaps for want of memory")]
)
def test_a_child_that_dies_is_a_crash(start: Any, ask: Ask, word: str, how: str) -> None:
    with pytest.raises(AnalysisCrashedError, match=how):
        start(ask(word)).run()


@pytest.mark.parametrize("word", ["wait", "deaf"])
def test_stopping_ends_the_child(
    start: Any, ask: Ask, workshop: Any, until: Until, word: str
) -> None:
    question = ask(word)
    process = start(question)

    def stop() -> None:
        until(lambda: bool(workshop.starts(question)))
        process.stop()
        process.stop()  # twice is once

    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(AnalysisStoppedError):
        process.run()
    stopper.join()
    until(lambda: not Path(f"/proc/{workshop.starts(question)[0]}").exists())


def test_a_process_stopped_before_it_starts_never_does(start: Any, ask: Ask, workshop: Any) -> None:
    question = ask()
    process = start(question)
    process.stop()
    with pytest.raises(AnalysisStoppedError):
        process.run()
    process.stop()
    assert workshop.starts(question) == []


def test_a_child_that_answers_although_stopped_has_answered(
    start: Any, ask: Ask, workshop: Any, until: Until
) -> None:
    question = ask("late")
    process = start(question)

    def stop() -> None:
        until(lambda: bool(workshop.starts(question)))
        process.stop()

    stopper = threading.Thread(target=stop)
    stopper.start()
    assert json.loads(process.run())["verdict"] == "promote"
    stopper.join()


def test_asking_whether_it_is_cancelled_is_a_sign_of_life(
    start: Any, ask: Ask, workshop: Any, until: Until
) -> None:
    question = ask("wait")
    process = start(question)
    runner = threading.Thread(target=process.run)
    runner.start()
    until(lambda: bool(workshop.starts(question)))
    before = time.time()
    until(lambda: process.last_sign > before)
    workshop.open(question)
    runner.join()


def test_a_child_that_cannot_be_started_is_a_crash(
    start: Any, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = start(ask())

    def fail(**_: object) -> None:
        raise BlockingIOError("no more processes")

    monkeypatch.setattr(process._context, "Process", fail)
    with pytest.raises(AnalysisCrashedError, match="cannot be started: no more processes"):
        process.run()


# What the child does, in this process, where its lines are seen.


def test_the_child_prepares_then_analyses(ask: Ask, workshop: Any) -> None:
    ours, theirs = Pipe()
    question = ask()
    prepared: list[dict[str, str]] = []
    task = ChildTask(
        "task-1",
        question.request,
        _task(question, workshop.folder).analyser,
        prepared.append,
    )
    kind, text = last_message(theirs, task, threading.Event())
    assert kind == "verdict"
    assert json.loads(text)["runUid"] == question.run_uid
    ids = {"task": "task-1", "run": question.run_uid, "namespace": "shop", "trace": ""}
    assert prepared == [ids]
    ours.close()
    theirs.close()


@pytest.mark.parametrize(("stopped", "kind"), [(True, "stopped"), (False, "failed")])
def test_an_exception_after_a_stop_is_a_stop(
    ask: Ask, workshop: Any, *, stopped: bool, kind: str
) -> None:
    ours, theirs = Pipe()
    word = threading.Event()
    if stopped:
        word.set()
    question = ask("wait" if stopped else "raise")
    found, _ = last_message(theirs, _task(question, workshop.folder), word)
    assert found == kind
    ours.close()
    theirs.close()


def test_a_child_ends_when_its_server_is_gone(
    ask: Ask, workshop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs the child's main function here; the server goes as soon as it has the verdict."""
    ended = threading.Event()
    monkeypatch.setattr(os, "_exit", lambda _code: ended.set())
    monkeypatch.setattr(os, "nice", lambda _by: 0)
    ours, theirs = Pipe()
    question = ask()
    runner = threading.Thread(
        target=_without_signals, args=(monkeypatch, theirs, _task(question, workshop.folder))
    )
    runner.start()
    messages: list[list[str]] = []
    while not messages or messages[-1][0] != "verdict":
        assert ours.poll(30)
        messages.append(json.loads(ours.recv_bytes()))
    ours.send_bytes(b"stop")
    ours.close()
    assert ended.wait(30)
    runner.join()
    theirs.close()


def _without_signals(monkeypatch: pytest.MonkeyPatch, pipe: Any, task: ChildTask) -> None:
    monkeypatch.setattr("signal.signal", lambda _number, _handler: None)
    run_child(pipe, task)
