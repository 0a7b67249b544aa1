"""The session thread's loop."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from goplugin.runtime._reactor import READ, WRITE, Reactor


@pytest.fixture
def reactor() -> Iterator[Reactor]:
    one = Reactor()
    yield one
    one.close()


def test_posts_of_other_threads_run_in_order_in_the_loops_thread(reactor: Reactor) -> None:
    seen: list[tuple[int, bool]] = []

    def post_all() -> None:
        for number in range(1000):
            reactor.post(lambda number=number: seen.append((number, reactor.in_thread)))  # type: ignore[misc]
        reactor.post(reactor.stop)

    thread = threading.Thread(target=post_all)
    thread.start()
    reactor.run()
    thread.join()
    assert seen == [(number, True) for number in range(1000)]
    assert not reactor.in_thread


def test_timers_run_when_they_are_due_unless_they_are_cancelled(reactor: Reactor) -> None:
    seen: list[str] = []
    reactor.later(0.02, lambda: seen.append("second"))
    reactor.later(0.01, lambda: seen.append("first"))
    reactor.later(0.015, lambda: seen.append("never")).cancel()
    reactor.later(0.03, reactor.stop)
    reactor.run()
    assert seen == ["first", "second"]


def test_what_is_due_soon_runs_after_what_is_ready(reactor: Reactor) -> None:
    seen: list[str] = []

    def first() -> None:
        reactor.soon(lambda: seen.append("soon"))
        seen.append("first")

    reactor.post(first)
    reactor.post(lambda: seen.append("second"))
    reactor.post(lambda: reactor.soon(reactor.stop))
    reactor.run()
    assert seen == ["first", "second", "soon"]


def test_files_are_watched_until_they_are_not(reactor: Reactor) -> None:
    read, write = os.pipe()
    seen: list[int] = []

    def ready(events: int) -> None:
        seen.append(events)
        reactor.unwatch(read)
        reactor.unwatch(read)
        reactor.watch(write, WRITE, lambda _events: reactor.stop())

    os.write(write, b"x")
    reactor.watch(read, READ | WRITE, ready)
    reactor.watch(read, READ, ready)
    reactor.run()
    assert seen == [READ]
    reactor.unwatch(write)
    os.close(read)
    os.close(write)


def test_a_file_that_a_callback_forgets_is_not_reported_any_more(reactor: Reactor) -> None:
    pipes = [os.pipe(), os.pipe()]
    seen: list[int] = []

    def ready(_events: int) -> None:
        seen.append(1)
        for read, _write in pipes:
            reactor.unwatch(read)
        reactor.soon(reactor.stop)

    for read, write in pipes:
        os.write(write, b"x")
        reactor.watch(read, READ, ready)
    reactor.run()
    assert seen == [1]
    for pipe in pipes:
        for end in pipe:
            os.close(end)


def test_a_signal_handler_may_post(reactor: Reactor) -> None:
    before = signal.signal(signal.SIGUSR1, lambda _number, _frame: reactor.post(reactor.stop))
    try:
        timer = threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGUSR1))
        timer.start()
        reactor.run()
        timer.join()
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_posts_after_the_end_are_dropped() -> None:
    reactor = Reactor()
    reactor.close()
    reactor.post(lambda: pytest.fail("ran"))
