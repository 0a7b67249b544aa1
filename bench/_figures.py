"""What a bench brings back, and how it is printed."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._context import Context


@dataclass(frozen=True)
class Beside:
    """The same thing done by something else in the same run, in the figure's unit."""

    name: str
    rounds: Sequence[float]

    @property
    def value(self) -> float:
        """The median of all rounds."""
        return median(self.rounds)


@dataclass(frozen=True)
class Figure:
    """One thing measured.

    Attributes:
        what: a line of the table.
        unit: `ms`, `us`, `MB`, ... or empty for a count.
        rounds: the value of each round; at least one.
        beside: what it is to be compared with.
        at_most: the target, where there is one.
        at_least: the same, where more is better.
        at_most_ratio: a target for the ratio to the first of `beside`.
    """

    what: str
    unit: str
    rounds: Sequence[float]
    beside: Sequence[Beside] = ()
    at_most: float | None = None
    at_least: float | None = None
    at_most_ratio: float | None = None

    @property
    def value(self) -> float:
        """The median of all rounds."""
        return median(self.rounds)

    @property
    def met(self) -> bool | None:
        """Whether the median meets the target; None where there is none."""
        if self.at_most is not None:
            return self.value <= self.at_most
        if self.at_least is not None:
            return self.value >= self.at_least
        if self.at_most_ratio is not None and self.beside:
            return self.value <= self.at_most_ratio * self.beside[0].value
        return None

    def to_json(self) -> dict[str, object]:
        """The figure with all its rounds and ratios."""
        document: dict[str, object] = {
            "what": self.what,
            "unit": self.unit,
            "value": self.value,
            "rounds": list(self.rounds),
            "beside": {
                other.name: {
                    "value": other.value,
                    "rounds": list(other.rounds),
                    "ratio": self.value / other.value if other.value else None,
                }
                for other in self.beside
            },
        }
        if self.met is not None:
            document["target"] = _target(self)
            document["met"] = self.met
        return document


@dataclass(frozen=True)
class Findings:
    """All that one bench brings back; `notes` are lines to read with the figures."""

    figures: Sequence[Figure]
    notes: Sequence[str] = field(default=())


@dataclass(frozen=True)
class Bench:
    """One bench: its name on the command line, a line on it, and what measures."""

    name: str
    summary: str
    measure: "Callable[[Context], Findings]"


def percentile(values: Sequence[float], part: float) -> float:
    """The value that `part` (0 to 1) of all values do not exceed; the largest for 1.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("a percentile of nothing: the bench has measured no value")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def shown(value: float, unit: str) -> str:
    """A number with three significant digits and its unit."""
    if value == 0:
        text = "0"
    elif abs(value) >= 100:
        text = f"{value:,.0f}"
    elif abs(value) >= 10:
        text = f"{value:.1f}"
    else:
        text = f"{value:.3g}"
    return f"{text} {unit}".rstrip()


def table(figures: Sequence[Figure]) -> str:
    """A plain table, one line a figure."""
    header = ("", "median", "rounds", "beside", "target")
    rows = [header, *(_row(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    lines = []
    for row in rows:
        what, value, *rest = (
            text.rjust(width) if column == 1 else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join((what, value, *rest)).rstrip())
    return "\n".join(lines)


def _row(figure: Figure) -> tuple[str, str, str, str, str]:
    low, high = min(figure.rounds), max(figure.rounds)
    spread = f"{shown(low, '')} to {shown(high, '')}" if len(figure.rounds) > 1 else ""
    beside = ", ".join(_compared(figure, other) for other in figure.beside)
    return figure.what, shown(figure.value, figure.unit), spread, beside, _target(figure)


def _compared(figure: Figure, other: Beside) -> str:
    value = f"{other.name} {shown(other.value, figure.unit)}"
    return f"{shown(figure.value / other.value, '')} x {value}" if other.value else value


def _target(figure: Figure) -> str:
    if figure.met is None:
        return ""
    word = "met" if figure.met else "missed"
    if figure.at_most is not None:
        return f"{word}: at most {shown(figure.at_most, figure.unit)}"
    if figure.at_least is not None:
        return f"{word}: at least {shown(figure.at_least, figure.unit)}"
    return f"{word}: at most {figure.at_most_ratio:g} x {figure.beside[0].name}"


def show(findings: Findings) -> None:
    """Prints the table and its notes at once, also into a pipe."""
    print(table(findings.figures))
    for note in findings.notes:
        print(f"  {note}")
    sys.stdout.flush()
