r"""What is left of a difference in counts when lines come in bursts, as the troubles of a healthy system do.

The tests of `_rate` and `_novelty` take each line for an event of its own. One lost connection may write thirty.
So a rollback wants more than their p: the same test must speak when bursts are allowed for. Both corrections look
at times only, not at pods, so that how lines are spread over pods changes nothing; without times nothing is
corrected.

Where stable has 10 lines or more, its own unevenness is measured, as the index of dispersion in K blocks of time,

    phi = max(1, sum((n_b - s w_b)^2 / (s w_b)) / (K - 1)),

with n_b of its s lines in block b, in which w_b of its usual lines fall. The counts that are tested are those of
events of phi lines each: s / phi and c / phi, the quasi-Poisson model. Only stable's phi counts: more errors of
the canary must not excuse themselves.

Where stable has fewer, or none, blocks with such lines are counted on both sides instead of lines.

Source: McCullagh and Nelder, Generalized Linear Models, 1989, section 6.2 (overdispersion).

Worked example: 40 lines in four bursts, where 20 blocks did as much work each.

>>> round(dispersion([0, 10, 0, 0, 0, 10, 0, 0, 0, 0, 0, 10, 0, 0, 10, 0, 0, 0, 0, 0], [50] * 20), 2)
8.42
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ._table import SideTable, TemplateCount
from .parse import Severity

_BLOCKS = 20
_MOST_BLOCKS = 60
_LEAST_LINES = 10


def dispersion(counts: Sequence[int], work: Sequence[int]) -> float:
    """The index of dispersion, 1 or more, of counts by block; `work` is the usual lines in each."""
    pairs = [(n, w) for n, w in zip(counts, work, strict=True) if w]
    lines, all_ = sum(n for n, _ in pairs), sum(w for _, w in pairs)
    if len(pairs) < 2 or not lines:
        return 1.0
    expected = [lines * w / all_ for _, w in pairs]
    squares = sum((n - e) ** 2 / e for (n, _), e in zip(pairs, expected, strict=True))
    return max(1.0, squares / (len(pairs) - 1))


@dataclass(frozen=True, slots=True)
class Bursts:
    """The blocks of time by which both sides' lines are told apart.

    Attributes:
        first: the second at which the first one begins.
        step: seconds in each, by which episodes are counted.
        work: stable's usual lines in each second.
    """

    first: int
    step: float
    work: Mapping[int, int]

    def episodes(self, counted: Iterable[TemplateCount]) -> int:
        """In how many blocks such lines came; lines without a time are one block each."""
        blocks: set[int] = set()
        untimed = 0
        for one in counted:
            times = _times(one)
            untimed += max(0, one.count - times.total())
            blocks.update(int((second - self.first) / self.step) for second in times)
        return len(blocks) + untimed

    def counts(
        self, stable: Sequence[TemplateCount], canary: Sequence[TemplateCount]
    ) -> tuple[float, float]:
        """Events that the lines of both sides come to."""
        lines = sum(one.count for one in stable), sum(one.count for one in canary)
        if lines[0] < _LEAST_LINES:
            return float(self.episodes(stable)), float(self.episodes(canary))
        phi = self._dispersion(stable)
        return lines[0] / phi, lines[1] / phi

    def _dispersion(self, counted: Iterable[TemplateCount]) -> float:
        times = sum((_times(one) for one in counted), Counter[int]())
        step = max(1.0, (max(self.work) + 1 - self.first) / _BLOCKS)
        blocks = range(int((max(self.work) - self.first) / step) + 1)
        return dispersion(*(_by_block(of, self.first, step, blocks) for of in (times, self.work)))


def bursts_of(stable: SideTable, canary: SideTable) -> Bursts | None:
    """The blocks of both sides; None where their lines' times tell too little."""
    work, others = _usual(stable), _usual(canary)
    seconds = work.keys() | others.keys()
    if min(len(work), len(others)) < _BLOCKS:
        return None
    first = min(seconds)
    step = max(1.0, (max(seconds) + 1 - first) / _MOST_BLOCKS)
    shown = [len({int((second - first) / step) for second in of}) for of in (work, others)]
    return Bursts(first, step, work) if min(shown) >= _BLOCKS // 2 else None


def _usual(side: SideTable) -> Counter[int]:
    of_severity = side.times.counts.items()
    return sum(
        (times for severity, times in of_severity if severity < Severity.WARN), Counter[int]()
    )


def _times(counted: TemplateCount) -> Counter[int]:
    return sum(counted.seconds.values(), Counter[int]())


def _by_block(times: Mapping[int, int], first: int, step: float, blocks: range) -> list[int]:
    counts = Counter[int]()
    for second, count in times.items():
        counts[int((second - first) / step)] += count
    return [counts[block] for block in blocks]
