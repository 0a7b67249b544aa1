"""Intervals and calibration."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

_Z = 1.959963984540054  # of 95 %


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of`, with Wilson's 95 % interval.

    Source: Wilson, Journal of the American Statistical Association 22, 1927.

    >>> share = Share(2, 100)
    >>> round(share.low, 4), round(share.high, 4)
    (0.0055, 0.07)
    """

    hits: int
    of: int

    @property
    def value(self) -> float:
        """From 0 to 1; 0 of 0 is 0."""
        return self.hits / self.of if self.of else 0.0

    @property
    def low(self) -> float:
        """The interval's lower end."""
        return max(0.0, self._middle() - self._reach()) if self.of else 0.0

    @property
    def high(self) -> float:
        """The interval's upper end; 1 where nothing was seen."""
        return min(1.0, self._middle() + self._reach()) if self.of else 1.0

    def _middle(self) -> float:
        return (self.value + _Z * _Z / (2 * self.of)) / (1 + _Z * _Z / self.of)

    def _reach(self) -> float:
        spread = self.value * (1 - self.value) / self.of + _Z * _Z / (4 * self.of * self.of)
        return _Z * sqrt(spread) / (1 + _Z * _Z / self.of)

    def __str__(self) -> str:
        if not self.of:
            return "none of 0"
        return (
            f"{100 * self.value:.1f} % ({self.hits} of {self.of};"
            f" {100 * self.low:.1f} to {100 * self.high:.1f})"
        )

    def to_json(self) -> dict[str, float | int]:
        """Counts, value and interval."""
        return {
            "hits": self.hits,
            "of": self.of,
            "value": round(self.value, 4),
            "low": round(self.low, 4),
            "high": round(self.high, 4),
        }


@dataclass(frozen=True, slots=True)
class Bin:
    """Verdicts of about the same confidence: what they claim on average, and how many were right."""

    low: float
    high: float
    claimed: float
    right: Share


_EDGES = (0.0, 50.0, 70.0, 80.0, 90.0, 95.0, 99.0, 100.0)


def calibration(verdicts: Iterable[tuple[float, bool]]) -> Sequence[Bin]:
    """Bins of (confidence from 0 to 100, right or not); empty bins are left out."""
    known = list(verdicts)
    bins = []
    for low, high in pairwise(_EDGES):
        inside = [
            (confidence, right)
            for confidence, right in known
            if low <= confidence < high or (confidence == high == _EDGES[-1])
        ]
        if inside:
            claimed = sum(confidence for confidence, _ in inside) / len(inside)
            right = Share(sum(right for _, right in inside), len(inside))
            bins.append(Bin(low, high, claimed, right))
    return bins
