"""Both sides over time: what is counted where, what is left out, and what is kept of pods and events."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canary_agent.collect import (
    ContainerLog,
    ContainerStatus,
    PodEvent,
    PodStatus,
    Sample,
    Side,
    Termination,
)
from canary_agent.evidence import examine
from canary_agent.evidence._timeline import Seconds, timeline_of
from canary_agent.evidence.parse import Severity
from canary_agent.evidence.parse._times import seconds_of
from canary_agent.moments import moment_of
from canary_verdict import MAX_MARKS, MAX_STEPS, Timeline

BEGIN = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
FIRST = int(BEGIN.timestamp())
NOTHING = Sample(Side(), Side())


def _log(*lines: str, pod: str = "p") -> ContainerLog:
    content = "".join(f"{line}\n" for line in lines).encode()
    return ContainerLog(pod, "app", lambda: iter([content]))


def _at(seconds: int, words: str) -> str:
    return f"{(BEGIN + timedelta(seconds=seconds)).isoformat()} {words}"


def _timeline(stable: Side, canary: Side) -> Timeline:
    timeline = examine(Sample(stable, canary), (), lambda: False).timeline
    assert timeline is not None
    return timeline


def _seconds(*counts: tuple[Severity, list[int | None]]) -> Seconds:
    seconds = Seconds()
    for severity, times in counts:
        seconds.add(severity, times)
    return seconds


def test_records_are_counted_by_severity_and_step() -> None:
    stable = Side((_log(_at(0, "INFO a"), _at(1, "DEBUG b"), _at(119, "WARN c")),))
    canary = Side(
        (_log(_at(60, "ERROR d"), _at(60, "ERROR d"), _at(61, "FATAL e"), "INFO no time"),)
    )
    timeline = _timeline(stable, canary)
    assert (timeline.start, timeline.step, timeline.steps) == (BEGIN, 2.0, 60)
    assert (timeline.stable.info[0], timeline.stable.warn[59]) == (2, 1)
    assert (timeline.canary.error[30], timeline.canary.fatal[30]) == (2, 1)
    assert sum(timeline.canary.info) == 0
    assert (timeline.stable.untimed, timeline.canary.untimed) == (0, 1)


def test_a_stack_trace_is_one_record() -> None:
    trace = ("java.lang.IllegalStateException: x", "\tat shop.Cart.add(Cart.java:12)")
    timeline = _timeline(Side((_log(_at(0, "INFO a")),)), Side((_log(_at(5, "ERROR b"), *trace),)))
    assert sum(timeline.canary.error) == 1
    assert timeline.canary.untimed == 0


def test_structured_lines_have_their_time_too() -> None:
    lines = (
        f'{{"ts":{FIRST},"level":"info","msg":"a"}}',
        f'{{"time":{FIRST + 1}123,"level":"error","msg":"b","dur":"5ms","took":"7ms"}}',
        f'level=warn ts={(BEGIN + timedelta(seconds=2)).isoformat()} msg="c"',
    )
    timeline = _timeline(Side((_log(*lines),)), Side())
    told = timeline.stable
    assert [sum(told.info), sum(told.error), sum(told.warn), told.untimed] == [1, 1, 1, 0]


def test_without_times_there_is_no_timeline() -> None:
    sample = Sample(Side((_log("a", "b"),)), Side((_log("c"),)))
    assert examine(sample, (), lambda: False).timeline is None


def test_a_line_of_another_day_does_not_stretch_the_picture() -> None:
    near: list[int | None] = [FIRST + each % 600 for each in range(3000)]
    far: list[int | None] = [0, FIRST - 10**7, FIRST + 10**8]
    seconds = _seconds((Severity.INFO, near + far))
    timeline = timeline_of(NOTHING, seconds, Seconds())
    assert timeline is not None
    assert (timeline.start, timeline.step, timeline.steps) == (BEGIN, 10.0, 60)
    assert timeline.stable.untimed == 3


@given(
    st.lists(st.none() | st.integers(0, 2_000_000_000), max_size=50),
    st.lists(st.none() | st.integers(FIRST, FIRST + 5000), max_size=50),
)
@settings(deadline=None)
def test_nothing_is_lost_and_bounds_hold(some: list[int | None], others: list[int | None]) -> None:
    stable, canary = _seconds((Severity.WARN, some)), _seconds((Severity.INFO, others))
    timeline = timeline_of(NOTHING, stable, canary)
    if timeline is None:
        assert all(each is None for each in some + others)
        return
    assert 1 <= timeline.steps <= MAX_STEPS
    assert sum(timeline.stable.warn) + timeline.stable.untimed == len(some)
    assert sum(timeline.canary.info) + timeline.canary.untimed == len(others)


LINES = (
    "2026-01-31T13:00:00.123+01:00 x",
    "2026/01/31 12:00:00 y",
    '10.0.0.1 - - [31/Jan/2026:11:59:30 +0000] "GET /?d=2025-12-01 HTTP/1.1" 200',
    '{"level":30,"time":1769860800123,"msg":"z"}',
    "ts=1769860800.25 level=info",
    "at 2026-13-45T00:00:00Z, no such day",
    "2026-01-31T12:00:00,999999Z then 2020-01-01T00:00:00Z",
    "no time at all",
    "",
    "x" * 390 + " 2026-01-31T12:00:00Z",
)


@given(st.lists(st.sampled_from(LINES) | st.text(max_size=60), max_size=20))
@settings(deadline=None)
def test_many_lines_are_read_as_one_is(lines: list[str]) -> None:
    expected = [None if (moment := moment_of(line)) is None else int(moment) for line in lines]
    assert seconds_of(lines).to_list() == expected


def _pod(name: str, *ends: Termination, **fields: Any) -> PodStatus:
    return PodStatus(name, containers=(ContainerStatus("app", terminations=ends),), **fields)


@pytest.fixture
def told() -> Callable[..., list[tuple[float, str, str, str]]]:
    """The marks of a canary with these pods and events, over ten minutes."""

    def marks(
        pods: tuple[PodStatus, ...], events: tuple[PodEvent, ...] = ()
    ) -> list[tuple[float, str, str, str]]:
        times: list[int | None] = [FIRST + each for each in range(600)]
        seconds = _seconds((Severity.INFO, times))
        timeline = timeline_of(Sample(Side(), Side((), pods, events)), seconds, seconds)
        assert timeline is not None
        assert len(timeline.marks) <= MAX_MARKS
        return [(mark.at, mark.kind, mark.what, mark.pod) for mark in timeline.marks]

    return marks


def test_ends_and_events_are_marked(told: Callable[..., Any]) -> None:
    later = BEGIN + timedelta(minutes=5)
    pods = (
        _pod("a", Termination("OOMKilled", 137, later), Termination("Error", 1, None)),
        _pod("b", Termination("Error", 1, later), deleting=True),
        _pod("c", Termination("Error", 1, BEGIN - timedelta(hours=1))),
    )
    events = (
        PodEvent("a", "Unhealthy", "probe failed", 3, BEGIN + timedelta(seconds=30)),
        PodEvent("a", "Pulled", "image is there", 1, later),
        PodEvent("a", "BackOff", "no time is known"),
    )
    assert told(pods, events) == [
        (30.0, "event", "Unhealthy: probe failed (3 times)", "a"),
        (300.0, "restart", "app ended: OOMKilled, exit code 137", "a"),
    ]


def test_marks_are_bounded_and_redacted(told: Callable[..., Any]) -> None:
    secret = "login failed, password=hunter22"
    events = tuple(
        PodEvent("p", "Failed", f"{secret} {number} \x1b[31m", 1, BEGIN + timedelta(seconds=number))
        for number in range(100)
    )
    marks = told((_pod("p", Termination("Error", 1, BEGIN + timedelta(seconds=599))),), events)
    assert len(marks) == MAX_MARKS
    assert sum(kind == "restart" for _, kind, _, _ in marks) == 1
    assert "hunter22" not in repr(marks)
    assert "\\x1b" not in repr(marks)
