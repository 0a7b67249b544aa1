"""The table at the end: what each canary got, and whether that was right."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap

from .console import Console, cut, neutral

__all__ = [
    "DEAD_AGENT",
    "NO_ANSWER",
    "Row",
    "evidence_lines",
    "exit_code",
    "expected_phase",
    "table",
]

DEAD_AGENT = "dead agent"
"""The row of a healthy canary whose agent does not exist."""

NO_ANSWER = "no answer"
"""The phase of a row whose plugin did not answer; never the expected one."""

_NO_AGENT = "health check failed"
_HEADERS = ("canary", "phase", "confidence", "root cause", "seconds", "expected")
_CAUSE = 3  # the column that is wrapped where the console is narrow
_RIGHT = {2, 4}
_GAP = "  "
_COLOURS = {"Successful": "green", "Failed": "red", "Inconclusive": "yellow", "Error": "yellow"}
_EVIDENCE_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One AnalysisRun's end.

    Attributes:
        canary: the version of the shop, or `dead agent`.
        phase: of the measurement, as Argo Rollouts calls it.
        confidence: 0 to 100 as text; empty without a verdict.
        root_cause: what the agent names; without one the measurement's message.
        seconds: from Run to the finished measurement.
        evidence: the measurement's `evidence`, a JSON list; empty without a verdict.
    """

    canary: str
    phase: str
    confidence: str = ""
    root_cause: str = ""
    seconds: float = 0.0
    evidence: str = ""

    @property
    def as_expected(self) -> bool:
        """Whether the phase is the one that this canary deserves, and for the right reason."""
        if self.canary == DEAD_AGENT and _NO_AGENT not in self.root_cause:
            return False
        return self.phase == expected_phase(self.canary)


def expected_phase(canary: str) -> str:
    """What the measurement of a canary has to end as."""
    return {"healthy": "Successful", DEAD_AGENT: "Error"}.get(canary, "Failed")


def _expected_text(row: Row) -> str:
    phase = expected_phase(row.canary)
    return phase if row.phase != phase else "other cause"


def exit_code(rows: Iterable[Row]) -> int:
    """0 when there are rows and each is as expected, 1 otherwise."""
    judged = [row.as_expected for row in rows]
    return 0 if judged and all(judged) else 1


def table(rows: Sequence[Row], console: Console) -> list[str]:
    """The rows as lines no wider than the console; a long root cause takes up to three of them."""
    cells = [
        (
            neutral(row.canary),
            neutral(row.phase),
            neutral(row.confidence) or "-",
            neutral(row.root_cause) or "-",
            f"{row.seconds:.1f}",
            "yes" if row.as_expected else f"NO: {_expected_text(row)}",
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in [_HEADERS, *cells]) for column in range(6)]
    rest = sum(widths) - widths[_CAUSE] + len(_GAP) * (len(widths) - 1)
    widths[_CAUSE] = min(widths[_CAUSE], max(len(_HEADERS[_CAUSE]), console.width - rest))
    lines = [console.painted(_joined(_HEADERS, widths, [""] * 6, console), "bold")]
    for row, line in zip(rows, cells, strict=True):
        verdict = "green" if row.as_expected else "red"
        colours = ["", _COLOURS.get(row.phase, "red"), "", "", "", verdict]
        first, *more = wrap(line[_CAUSE], widths[_CAUSE], max_lines=3, placeholder="…")
        lines.append(
            _joined([*line[:_CAUSE], first, *line[_CAUSE + 1 :]], widths, colours, console)
        )
        indent = sum(widths[:_CAUSE]) + len(_GAP) * _CAUSE
        lines += [" " * indent + text for text in more]
    return lines


def evidence_lines(row: Row, console: Console) -> list[str]:
    """The strongest evidence of one row, with counts and a sample line of the log."""
    try:
        items = json.loads(row.evidence or "[]")
    except ValueError:
        return ["  its evidence is no JSON"]
    lines: list[str] = []
    for item in items[:_EVIDENCE_SHOWN] if isinstance(items, list) else []:
        if isinstance(item, dict):
            lines += [cut(text, console.width) for text in _evidence_item(item)]
    return lines


def _evidence_item(item: dict[str, object]) -> list[str]:
    numbers = [
        f"{name} {value:.3g}"
        for name in ("stable", "canary", "ratio", "p")
        if isinstance(value := item.get(name), int | float)
    ]
    strength = neutral(str(item.get("strength", "")))
    found = ", ".join([strength, *numbers])
    lines = [f"  {found}: {neutral(str(item.get('what', '')))}"]
    sample = item.get("canarySample")
    if isinstance(sample, dict) and sample.get("line"):
        lines.append(f"    canary's log: {neutral(str(sample['line']))}")
    return lines


def _joined(
    cells: Sequence[str], widths: Sequence[int], colours: Sequence[str], console: Console
) -> str:
    parts = []
    for column, (cell, width, colour) in enumerate(zip(cells, widths, colours, strict=True)):
        text = cut(cell, width)
        padded = text.rjust(width) if column in _RIGHT else text.ljust(width)
        parts.append(console.painted(padded, colour))
    return _GAP.join(parts).rstrip()
