r"""Which lines go by the clock: probes, timers, polls of a monitor. They follow time and pods, not work.

A canary with 5 % of the traffic is probed as often as any other pod. By the work that it did it would have
twenty times as many lines of its probes as stable, and each of them may be a 4xx or a warning. So a template of
stable that comes at even intervals is compared by pods and time instead, and left out of all other tests while
the canary writes no more of it than

    1.5 e + 2,   e = stable's lines * canary's log seconds / stable's log seconds.

Lines come at even intervals if there is hardly ever a short one among them. What happens by chance follows its
predecessor within half of the mean interval m in 4 cases of 10. Times are known to the second, and then two
events are k seconds apart or less, as whole seconds go, with probability

    q(k) = 1 - m e^{-k/m} (1 - e^{-1/m});

with k the last whole second below m / 2, and b short intervals of n, p = P(X <= b), X ~ Binomial(n, q(k)).

Source: the exponential law of intervals of a Poisson process (Cox and Lewis, The Statistical Analysis of Series
of Events, 1966, on tests against regular alternatives).

Worked example: a probe each second, 21 times; no interval of 20 is short.

>>> round(regular_p([range(21)]), 6)
0.000104
>>> regular_p([[0, 0, 1, 4, 4, 9, 10, 10, 17, 20]]) > 0.3
True
"""

import math
from collections.abc import Iterable, Mapping
from itertools import pairwise

from scipy.special import bdtr

from ._rate import TOLERANCE
from ._table import SideTable
from .parse import Severity

_REGULAR_P = 0.001
_SPARE = 2

Key = tuple[str, Severity]


def regular_p(logs: Iterable[Iterable[int]]) -> float:
    """How likely as few short intervals are by chance, 0 to 1; `logs` are times in seconds, log by log."""
    intervals = [_intervals(times) for times in logs]
    number = sum(map(len, intervals))
    if not number:
        return 1.0
    mean = sum(map(sum, intervals)) / number
    below = math.ceil(mean / 2) - 1
    if below < 0:
        return 1.0  # more than whole seconds can tell apart
    short = sum(interval <= below for log in intervals for interval in log)
    chance = 1 - mean * math.exp(-below / mean) * (1 - math.exp(-1 / mean))
    return float(bdtr(short, number, chance))


def by_clock(stable: SideTable, canary: SideTable) -> set[Key]:
    """Keys of templates that come by the clock on stable, and on the canary no more often than that."""
    if not (stable.log_seconds and canary.log_seconds):
        return set()
    longer = canary.log_seconds / stable.log_seconds
    return {
        key
        for key, was in stable.templates.items()
        if (now := canary.templates.get(key)) is not None
        and now.count <= TOLERANCE * was.count * longer + _SPARE
        and _all_timed(was.seconds, was.count)
        and regular_p(times.elements() for times in was.seconds.values()) < _REGULAR_P
    }


def _intervals(times: Iterable[int]) -> list[int]:
    return [later - earlier for earlier, later in pairwise(sorted(times))]


def _all_timed(seconds: Mapping[int, Mapping[int, int]], count: int) -> bool:
    return sum(sum(times.values()) for times in seconds.values()) == count
