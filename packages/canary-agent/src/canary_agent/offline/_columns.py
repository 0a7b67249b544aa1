"""What a verdict cost, and tables of plain text."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict in numbers; `cost` in US dollars, None where no price is known; `seconds` of the slowest model."""

    verdict: str
    confidence: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float | None = None
    seconds: float = 0.0

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """From a verdict's document."""
        usage = document.get("usage") or {}
        took = [one.get("executionTimeMs", 0) for one in document.get("modelResults") or []]
        return cls(
            document["verdict"],
            document["confidence"],
            int(usage.get("tokensIn", 0)),
            int(usage.get("tokensOut", 0)),
            usage.get("costUsd"),
            max(took, default=0) / 1000,
        )

    def to_json(self) -> dict[str, Any]:
        """As it is printed."""
        return asdict(self)


def dollars(cost: float | None) -> str:
    """A price, or a dash."""
    return "-" if cost is None else f"${cost:.4f}"


def lines(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they must be."""
    widths = [max(len(row[index]) for row in (head, *rows)) for index in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *rows)
    )


def total(costs: Sequence[float | None]) -> float | None:
    """The sum of what is known."""
    known = [cost for cost in costs if cost is not None]
    return round(sum(known), 6) if known else None
