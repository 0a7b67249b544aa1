"""Both sides over time: what a report draws. It decides nothing, so it is bounded before all else."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from canary_agent.collect import PodStatus, Sample, Side, Termination
from canary_verdict import MAX_MARKS, MAX_STEPS, SideName, Timeline, TimelineMark, TimelineSide
from canary_verdict.redaction import redact, visible

from .parse import Severity

_MOST_SECONDS = 100_000
"""Seconds with records in them that are kept of one side: more than a day has."""
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400)
_RARE = 0.001
_LEAST_SPAN = 60
_MAX_WHAT = 300
_MAX_NAME = 253
_ORDINARY = frozenset({"Created", "Pulled", "Pulling", "Scheduled", "Started"})


@dataclass(slots=True)
class Seconds:
    """When one side's records were written: how many of each severity in each second since 1970."""

    counts: dict[Severity, Counter[int]] = field(default_factory=dict)
    untimed: int = 0
    known: set[int] = field(default_factory=set)

    def add(self, severity: Severity, seconds: Sequence[int | None]) -> None:
        """Counts records of one severity; None of one that carries no time."""
        counter = self.counts.setdefault(severity, Counter())
        for second, count in Counter(seconds).items():
            if second is None or (second not in self.known and len(self.known) >= _MOST_SECONDS):
                self.untimed += count
            else:
                self.known.add(second)
                counter[second] += count

    @property
    def all(self) -> Counter[int]:
        """Records of any severity in each second."""
        return sum(self.counts.values(), Counter[int]())


def timeline_of(sample: Sample, stable: Seconds, canary: Seconds) -> Timeline | None:
    """The timeline of both sides; None where no record carries a time.

    Records far from nearly all others are left out, as a line is that tells of another day: their
    number is among the untimed ones.
    """
    span = _span(stable.all + canary.all)
    if span is None:
        return None
    length = span[1] - span[0] + 1
    step = next((each for each in _STEPS if length <= each * MAX_STEPS), length // MAX_STEPS + 1)
    first = span[0] // step * step
    steps = (span[1] - first) // step + 1
    if steps > MAX_STEPS:  # where the first one begins before the first record
        first, steps = span[0], (length - 1) // step + 1
    return Timeline(
        start=datetime.fromtimestamp(first, UTC),
        step=float(step),
        stable=_side(stable, first, step, steps),
        canary=_side(canary, first, step, steps),
        marks=_marks(sample, first, first + step * steps),
    )


def _span(counts: Counter[int]) -> tuple[int, int] | None:
    """The seconds between which nearly all records were written, as far as the others are near them."""
    if not counts:
        return None
    ordered = sorted(counts.items())
    rare = max(1, int(_RARE * counts.total()))
    low, high = _edge(ordered, rare), _edge(ordered[::-1], rare)
    if low > high:
        low, high = high, low
    near = max(_LEAST_SPAN, high - low)
    inside = [second for second, _ in ordered if low - near <= second <= high + near]
    return inside[0], inside[-1]


def _edge(ordered: Sequence[tuple[int, int]], rare: int) -> int:
    """The second at which more than `rare` records have been seen, or the last one."""
    seen = 0
    for second, count in ordered:
        seen += count
        if seen > rare:
            return second
    return ordered[-1][0]


def _side(seconds: Seconds, first: int, step: int, steps: int) -> TimelineSide:
    lists: dict[str, list[int]] = {name: [0] * steps for name in ("info", "warn", "error", "fatal")}
    outside = 0
    for severity, counter in seconds.counts.items():
        counts = lists[max(severity, Severity.INFO).name.lower()]
        for second, count in counter.items():
            index = (second - first) // step
            if 0 <= index < steps:
                counts[index] += count
            else:
                outside += count
    numbers = {name: tuple(counts) for name, counts in lists.items()}
    return TimelineSide(**numbers, untimed=seconds.untimed + outside)


def _marks(sample: Sample, first: int, end: int) -> tuple[TimelineMark, ...]:
    """What happened to pods meanwhile; where there is too much, the canary's and restarts stay."""
    sides: tuple[tuple[SideName, Side], ...] = (
        ("canary", sample.canary),
        ("stable", sample.stable),
    )
    marks = [
        mark
        for name, side in sides
        for mark in (*_restarts(name, side, first), *_events(name, side, first))
        if 0 <= mark.at <= end - first
    ]
    marks.sort(key=lambda mark: (mark.side, mark.kind != "restart", mark.at, mark.pod, mark.what))
    kept = marks[:MAX_MARKS]
    return tuple(sorted(kept, key=lambda mark: (mark.at, mark.side, mark.pod, mark.what)))


def _restarts(name: SideName, side: Side, first: int) -> Iterator[TimelineMark]:
    for pod in side.pods:
        ends = () if pod.deleting else _ends(pod)
        for container, end in ends:
            if end.finished_at is not None:
                code = f", exit code {end.exit_code}" if end.exit_code >= 0 else ""
                yield TimelineMark(
                    at=_since(first, end.finished_at),
                    side=name,
                    kind="restart",
                    what=redact(f"{container} ended: {end.reason or 'no reason given'}{code}"),
                    pod=visible(pod.name, _MAX_NAME),
                )


def _ends(pod: PodStatus) -> Iterator[tuple[str, Termination]]:
    return ((one.name, end) for one in pod.containers for end in one.terminations)


def _events(name: SideName, side: Side, first: int) -> Iterator[TimelineMark]:
    for event in side.events:
        if event.seen_at is not None and event.reason not in _ORDINARY:
            times = f" ({event.count} times)" if event.count > 1 else ""
            yield TimelineMark(
                at=_since(first, event.seen_at),
                side=name,
                kind="event",
                what=redact(f"{event.reason}: {event.message}", _MAX_WHAT) + times,
                pod=visible(event.pod, _MAX_NAME),
            )


def _since(first: int, moment: datetime) -> float:
    return round(moment.timestamp() - first, 3)
