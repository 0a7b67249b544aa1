"""Evidence items as rows with a picture of both sides."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from canary_verdict import EvidenceItem, Sample

MOST_SHOWN: Final = 50
"""Rows of one page."""

_NAMES = {
    "hard": "Hard evidence",
    "significant": "Significant",
    "suspicious": "In doubt",
    "waived": "Waived",
    "note": "Note",
}
_STATES = ("hard", "state")
_ACTING = ("hard", "significant", "suspicious")


@dataclass(frozen=True, slots=True)
class Bar:
    """One side's figure, and how much of the row's longest bar it is, 0 to 100."""

    side: str
    value: float
    width: float


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One item as it is shown.

    Attributes:
        strength: how much it weighs, as a style's name.
        named: the same in words.
        unit: what the bars count.
        bars: stable's and the canary's; none where there is nothing to count.
        samples: pairs of a side and its line.
        compares: the lines are from logs, so that a side without one is worth a word.
    """

    item: EvidenceItem
    strength: str
    named: str
    unit: str
    bars: tuple[Bar, ...]
    samples: tuple[tuple[str, Sample], ...]
    compares: bool


@dataclass(frozen=True, slots=True)
class EvidenceRows:
    """The rows of a report: those that act, those that the policy waives, and mere notes."""

    acting: tuple[EvidenceRow, ...]
    waived: tuple[EvidenceRow, ...]
    notes: tuple[EvidenceRow, ...]
    left_out: int


def evidence_rows(items: tuple[EvidenceItem, ...]) -> EvidenceRows:
    """The first `MOST_SHOWN` items, in their order, which is by strength."""
    rows = [_row(item) for item in items[:MOST_SHOWN]]
    return EvidenceRows(
        acting=_of(rows, _ACTING),
        waived=_of(rows, ("waived",)),
        notes=tuple(row for row in rows if row.strength == "note"),
        left_out=max(0, len(items) - MOST_SHOWN),
    )


def _of(rows: Iterable[EvidenceRow], strengths: tuple[str, ...]) -> tuple[EvidenceRow, ...]:
    return tuple(row for row in rows if row.strength in strengths)


def _row(item: EvidenceItem) -> EvidenceRow:
    # An agent of another version may know further strengths.
    strength = item.strength if item.strength in _NAMES else "note"
    unit, stable, canary = _measure(item)
    samples = (("stable", item.stable_sample), ("canary", item.canary_sample))
    return EvidenceRow(
        item=item,
        strength=strength,
        named=_NAMES[strength],
        unit=unit,
        bars=_bars(stable, canary),
        samples=tuple((side, sample) for side, sample in samples if sample is not None),
        compares=item.kind not in _STATES,
    )


def _measure(item: EvidenceItem) -> tuple[str, float | None, float | None]:
    if item.stable_rate is not None and item.canary_rate is not None:
        return "per 1,000 lines", item.stable_rate, item.canary_rate
    if item.kind == "latency":
        return "seconds, median", item.stable, item.canary
    if item.kind == "tail":
        return "seconds, 90th percentile", item.stable, item.canary
    return "times", item.stable, item.canary


def _bars(stable: float | None, canary: float | None) -> tuple[Bar, ...]:
    if stable is None or canary is None:
        return ()
    longest = max(stable, canary)
    return tuple(
        Bar(side, value, round(100 * value / longest, 2) if longest else 0.0)
        for side, value in (("stable", stable), ("canary", canary))
    )
