"""The timeline as a picture: where each bar stands, for a template to draw.

Drawn by hand: pygal, the library tried for it, puts an unscoped style sheet with fixed colours into each picture,
which would restyle the page around it and cannot follow a dark one; the time of drawing, which makes equal
reports unequal; and pictures for scripts that must not run.

Across, all is in per cent, so that a picture is as wide as its page and its text is not scaled with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from canary_verdict import SideName, Timeline, TimelineMark, TimelineSide

TOP: Final = 22.0
"""Pixels from the top of a side's picture to the top of its bars; the marks' numbers stand above."""
HEIGHT: Final = 64.0
"""Pixels that the longest bar is high."""
STRIP: Final = 14.0
"""Pixels below the bars for how much was written."""
_BASE = TOP + HEIGHT
_PER = 1000.0
_APART = 8.0  # per cent: what the sign of several marks is wide on a phone
_SEVERITIES = ("fatal", "error", "warn")


@dataclass(frozen=True, slots=True)
class Block:
    """One coloured part of a bar; x and width in per cent, y and height in pixels."""

    severity: str
    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Step:
    """One step of one side: its blocks, and what it says when pointed at."""

    blocks: tuple[Block, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Happening:
    """A mark with the number by which the picture names it."""

    number: int
    moment: datetime
    mark: TimelineMark


@dataclass(frozen=True, slots=True)
class Pin:
    """Marks that stand too near to each other for a sign each.

    Attributes:
        x: of the first, in per cent.
        label: their numbers, as `2` or `2-5`.
        width: pixels that the sign needs.
        kind: `restart` where there is one among them.
    """

    x: float
    label: str
    width: int
    kind: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One side's picture. `totals` are its records by severity."""

    side: SideName
    steps: tuple[Step, ...]
    pins: tuple[Pin, ...]
    totals: dict[str, int]
    untimed: int


@dataclass(frozen=True, slots=True)
class NumbersRow:
    """One step in figures, both sides."""

    moment: datetime
    stable: tuple[int, ...]
    canary: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Both sides' pictures on one scale.

    Attributes:
        top: warnings and errors in a step that the scale's top stands for, per 1,000 records of a side.
        ticks: times along the bottom: begin, middle, end.
        numbers: the same as a table, without steps in which nothing was written.
    """

    panels: tuple[Panel, ...]
    happenings: tuple[Happening, ...]
    top: float
    ticks: tuple[datetime, ...]
    step: float
    numbers: tuple[NumbersRow, ...]


def chart_of(timeline: Timeline | None) -> Chart | None:
    """The pictures of a timeline; None where there is none, or nothing in it."""
    if timeline is None or not timeline.steps:
        return None
    sides: Sequence[tuple[SideName, TimelineSide]] = (
        ("stable", timeline.stable),
        ("canary", timeline.canary),
    )
    top = max(max(_shares(side), default=0.0) for _, side in sides)
    happenings = _happenings(timeline)
    panels = tuple(
        Panel(
            side=name,
            steps=_steps(timeline, side, top),
            pins=_pins(timeline, [each for each in happenings if each.mark.side == name]),
            totals={each: sum(getattr(side, each)) for each in ("info", "warn", "error", "fatal")},
            untimed=side.untimed,
        )
        for name, side in sides
    )
    ticks = tuple(_at(timeline, _length(timeline) * part / 2) for part in (0, 1, 2))
    return Chart(panels, happenings, top, ticks, timeline.step, _numbers(timeline))


def _numbers(timeline: Timeline) -> tuple[NumbersRow, ...]:
    rows = (
        NumbersRow(
            _at(timeline, index * timeline.step),
            _counts(timeline.stable, index),
            _counts(timeline.canary, index),
        )
        for index in range(timeline.steps)
    )
    return tuple(row for row in rows if any(row.stable) or any(row.canary))


def _at(timeline: Timeline, seconds: float) -> datetime:
    return timeline.start + timedelta(seconds=seconds)


def _counts(side: TimelineSide, index: int) -> tuple[int, ...]:
    return side.info[index], side.warn[index], side.error[index], side.fatal[index]


def _total(side: TimelineSide) -> int:
    return sum(map(sum, (side.info, side.warn, side.error, side.fatal)))


def _shares(side: TimelineSide) -> list[float]:
    """Warnings and worse of each step, per 1,000 of all the side's records: so sides compare."""
    total = _total(side) or 1
    return [
        _PER * sum(trouble) / total
        for trouble in zip(side.warn, side.error, side.fatal, strict=True)
    ]


def _steps(timeline: Timeline, side: TimelineSide, top: float) -> tuple[Step, ...]:
    total = _total(side) or 1
    most = max(sum(_counts(side, index)) for index in range(timeline.steps)) or 1
    width = 100 / timeline.steps
    steps = []
    for index in range(timeline.steps):
        counts = _counts(side, index)
        if not any(counts):
            continue
        x = round(index * width, 3)
        wide = round(width * 0.82, 3)
        blocks = [Block("all", x, wide, _BASE + 3, round(STRIP * sum(counts) / most, 2))]
        y = _BASE
        for severity in _SEVERITIES:
            share = _PER * getattr(side, severity)[index] / total
            height = round(HEIGHT * share / top, 2) if top else 0.0
            if height:
                y -= height
                blocks.append(Block(severity, x, wide, round(y, 2), height))
        steps.append(Step(tuple(blocks), _words(_at(timeline, index * timeline.step), counts)))
    return tuple(steps)


def _words(moment: datetime, counts: Sequence[int]) -> str:
    info, warn, error, fatal = counts
    told = [f"{fatal} fatal"] if fatal else []
    told += [f"{error} errors"] if error else []
    told += [f"{warn} warnings"] if warn else []
    told.append(f"{info + warn + error + fatal} records")
    return f"{moment:%H:%M:%S}: {', '.join(told)}"


def _happenings(timeline: Timeline) -> tuple[Happening, ...]:
    # Side by side, so that the numbers of one sign follow each other.
    inside = sorted(
        (mark for mark in timeline.marks if mark.at <= _length(timeline)),
        key=lambda mark: (mark.side != "stable", mark.at, mark.pod),
    )
    return tuple(
        Happening(number, _at(timeline, mark.at), mark)
        for number, mark in enumerate(inside, start=1)
    )


def _pins(timeline: Timeline, happenings: Sequence[Happening]) -> tuple[Pin, ...]:
    groups: list[list[Happening]] = []
    for happening in happenings:
        if groups and _x(timeline, happening) - _x(timeline, groups[-1][0]) < _APART:
            groups[-1].append(happening)
        else:
            groups.append([happening])
    return tuple(_pin(timeline, group) for group in groups)


def _pin(timeline: Timeline, group: Sequence[Happening]) -> Pin:
    first, last = group[0], group[-1]
    label = str(first.number) if first is last else f"{first.number}-{last.number}"
    kinds = {each.mark.kind for each in group}
    return Pin(
        x=round(_x(timeline, first), 3),
        label=label,
        width=max(16, 7 * len(label) + 6),
        kind="restart" if "restart" in kinds else "event",
    )


def _x(timeline: Timeline, happening: Happening) -> float:
    return 100 * happening.mark.at / _length(timeline)


def _length(timeline: Timeline) -> float:
    return timeline.step * timeline.steps
