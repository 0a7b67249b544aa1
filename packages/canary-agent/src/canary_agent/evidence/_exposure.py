"""How much of the work each side did, measured by the lines that both write when all is well.

A canary usually has 5 % of the traffic, so counts mean nothing by themselves. The measure is the number
of records below WARN of the templates that both sides write. Templates whose split between the sides
differs from all the others' (a line that the new version writes twice, or lost) are set aside, as the
median of ratios does for sequencing depth (Anders and Huber, Genome Biology 2010, DESeq): otherwise a
chattier version would hide its errors behind its own lines.

Faults are not counted as work: an error burst must not look like more traffic.

Worked example: stable wrote `served <*>` 950 times and `cache hit` 475 times, the canary 50 and 25 times,
and `new hint` 500 times. Both common templates split 19 to 1, so the canary's share is 75 / 1500 = 0.05;
by all lines it would be 575 / 2000 = 0.29.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

from ._table import SideTable, TemplateCount
from .parse import Severity

_ROUNDS = 4
_FAR = 4.0  # standard deviations
_APART = 1.5  # times
_KEEP = 0.5  # of the records: below that nobody can say which templates are the usual ones


@dataclass(frozen=True, slots=True)
class Exposure:
    """Comparable records of each side; both positive.

    `share` is the canary's part of the work, between 0 and 1, both excluded.
    """

    stable: int
    canary: int

    @property
    def share(self) -> float:
        """The canary's part of the comparable records."""
        return self.canary / (self.stable + self.canary)

    def ratio(self, stable: int, canary: int) -> float | None:
        """The canary's rate over stable's; None where stable has none to compare with."""
        return (canary / self.canary) / (stable / self.stable) if stable else None


def exposure(stable: SideTable, canary: SideTable) -> Exposure | None:
    """The sides' exposure; None when one of them wrote nothing.

    Where the sides have no usual template in common, all records below WARN count, and where there
    are none, all records.
    """
    common = _common(stable.templates, canary.templates)
    if common:
        return _agreed(common)
    for severity in (Severity.WARN, None):
        counts = [
            side.lines if severity is None else side.lines_below(severity)
            for side in (stable, canary)
        ]
        if all(counts):
            return Exposure(*counts)
    return None


def _common(
    stable: Mapping[tuple[str, Severity], TemplateCount],
    canary: Mapping[tuple[str, Severity], TemplateCount],
) -> list[tuple[int, int]]:
    return [
        (counted.count, canary[key].count)
        for key, counted in stable.items()
        if key[1] < Severity.WARN and key in canary
    ]


def _agreed(pairs: list[tuple[int, int]]) -> Exposure:
    kept, share = pairs, _median_share(pairs)
    for _ in range(_ROUNDS):
        nearer = [pair for pair in pairs if not _is_apart(pair, share)]
        if _weight(nearer) <= _KEEP * _weight(pairs):
            return _sum(pairs)
        if nearer == kept:
            break
        kept, share = nearer, _sum(nearer).share
    return _sum(kept)


def _sum(pairs: list[tuple[int, int]]) -> Exposure:
    return Exposure(sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs))


def _median_share(pairs: list[tuple[int, int]]) -> float:
    """The share that templates with half of all records stay below."""
    ordered = sorted(pairs, key=lambda pair: pair[1] / sum(pair))
    reached = accumulate(sum(pair) for pair in ordered)
    half = _weight(pairs) / 2
    stable, canary = next(
        pair for pair, below in zip(ordered, reached, strict=True) if below >= half
    )
    return canary / (stable + canary)


def _weight(pairs: list[tuple[int, int]]) -> int:
    return sum(stable + canary for stable, canary in pairs)


def _is_apart(pair: tuple[int, int], share: float) -> bool:
    stable, canary = pair
    total = stable + canary
    expected = total * share
    deviation = abs(canary - expected) / math.sqrt(expected * (1 - share))
    odds = (canary / stable) / (share / (1 - share))
    return deviation > _FAR and not 1 / _APART <= odds <= _APART
