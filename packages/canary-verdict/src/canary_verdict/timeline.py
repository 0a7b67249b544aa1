"""How both sides fared over time: counts by severity in equal steps, and what happened to their pods."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from ._errors import ContractError, describe
from ._reader import Reader
from .attached import SideName

MAX_STEPS = 60
"""Steps of one timeline."""
MAX_MARKS = 40
"""Marks of one timeline."""

MarkKind: TypeAlias = Literal["restart", "event"]
_LONGEST = 31 * 86_400.0
_TIME = 64


@dataclass(frozen=True, slots=True)
class TimelineSide:
    """One side's log records, step by step; all four lists are as long as the timeline has steps.

    Attributes:
        info: records below a warning.
        untimed: records that carry no time, or one outside of the timeline, and so are in no step.
    """

    info: tuple[int, ...] = ()
    warn: tuple[int, ...] = ()
    error: tuple[int, ...] = ()
    fatal: tuple[int, ...] = ()
    untimed: int = 0

    def to_json(self) -> dict[str, object]:
        """The document that travels."""
        return {
            "info": list(self.info),
            "warn": list(self.warn),
            "error": list(self.error),
            "fatal": list(self.fatal),
            "untimed": self.untimed,
        }


@dataclass(frozen=True, slots=True)
class TimelineMark:
    """Something that happened to a pod, `at` seconds after the timeline's start."""

    at: float
    side: SideName
    kind: MarkKind
    what: str
    pod: str = ""

    def to_json(self) -> dict[str, object]:
        """The document that travels."""
        return {
            "at": self.at,
            "side": self.side,
            "kind": self.kind,
            "what": self.what,
            "pod": self.pod,
        }


@dataclass(frozen=True, slots=True)
class Timeline:
    """Both sides on one clock.

    Attributes:
        start: of the first step, in UTC.
        step: seconds.
    """

    start: datetime
    step: float
    stable: TimelineSide = field(default_factory=TimelineSide)
    canary: TimelineSide = field(default_factory=TimelineSide)
    marks: tuple[TimelineMark, ...] = ()

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return len(self.canary.info)

    def to_json(self) -> dict[str, object]:
        """The document that travels; see `verdict.schema.json`."""
        return {
            "start": self.start.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "stepSeconds": self.step,
            "stable": self.stable.to_json(),
            "canary": self.canary.to_json(),
            "marks": [mark.to_json() for mark in self.marks],
        }


def read_timeline(reader: Reader) -> Timeline:
    """The timeline of a verdict.

    Raises:
        ContractError: a field has the wrong type, a list is longer than `MAX_STEPS`, or the lists differ
            in length.
    """
    step = reader.required_number("stepSeconds", 0, _LONGEST)
    if not step:
        raise ContractError(reader.path("stepSeconds"), "the number 0", "a number above 0")
    stable, canary = (_side(reader.child(name)) for name in ("stable", "canary"))
    if len(stable.info) != len(canary.info):
        raise ContractError(
            reader.path("canary"),
            f"{len(canary.info)} steps",
            f"{len(stable.info)} steps, as stable has",
        )
    marks = reader.children("marks", _mark, limit=MAX_MARKS)
    return Timeline(_start(reader), step, stable, canary, marks)


def _start(reader: Reader) -> datetime:
    text = reader.text("start", limit=_TIME)
    expected = "a time with its zone, such as 2026-01-31T12:00:00Z"
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ContractError(reader.path("start"), describe(text or None), expected) from error
    raise ContractError(reader.path("start"), describe(text), expected)


def _side(reader: Reader) -> TimelineSide:
    counts = {
        name: reader.counts(name, count=MAX_STEPS) for name in ("info", "warn", "error", "fatal")
    }
    lengths = {len(numbers) for numbers in counts.values()}
    if len(lengths) > 1:
        raise ContractError(
            reader.path("info"), f"lists of {sorted(lengths)} steps", "four lists of one length"
        )
    return TimelineSide(**counts, untimed=reader.count("untimed") or 0)


def _mark(reader: Reader) -> TimelineMark:
    kind = reader.text("kind", limit=_TIME)
    return TimelineMark(
        at=reader.required_number("at", 0, _LONGEST),
        side="canary" if reader.text("side", limit=_TIME) == "canary" else "stable",
        kind="restart" if kind == "restart" else "event",
        what=reader.clipped("what", limit=400),
        pod=reader.clipped("pod", limit=253),
    )
