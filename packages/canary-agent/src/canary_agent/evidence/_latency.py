r"""Is the canary slower? The Mann-Whitney test on the durations that lines report.

With U the number of pairs (one duration of each side) in which the canary's is the longer, ties counting
half, p comes from U's distribution when both sides are alike, and

    A = U / (n_stable * n_canary)

is the chance that a canary's duration is longer than a stable one (Vargha and Delaney, 2000). Both the
p-value and the effect must be there: with a million lines any trifle is significant.

How much longer is told by Hodges' and Lehmann's estimate: the median of the ratios of all pairs. Where requests
are of two kinds, fast and slow, and the canary was asked for a few more of the slow ones, the ratio of the two
medians may be 50; that of the pairs stays near 1.

Durations come in bins, so there are many ties, and samples of ten and more: p is the normal approximation
with the correction for ties and for continuity,

    z = (U - n_s n_c / 2 - 1/2) / sigma,   sigma^2 = n_s n_c / 12 * (n + 1 - sum(t^3 - t) / (n (n - 1)))

with t the size of each group of ties among all n values.

Source: Mann and Whitney, Annals of Mathematical Statistics 1947; the same as scipy.stats.mannwhitneyu with
method="asymptotic". Hodges and Lehmann, Annals of Mathematical Statistics 1963.

Worked example: every duration of the canary is longer, so that A is 1.

>>> stable, canary = Histogram.of([0.010, 0.011, 0.012, 0.013]), Histogram.of([0.020, 0.021, 0.022])
>>> test = latency_test(stable, canary)
>>> test.effect, round(test.ratio, 2), round(test.p, 3)
(1.0, 1.83, 0.026)
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from ._histogram import WIDTH, Histogram

Counts = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LatencyTest:
    """The result: p from 0 to 1; effect A from 0 to 1, 0.5 being none; the pairs' ratio; medians in seconds."""

    p: float
    effect: float
    ratio: float
    stable_median: float
    canary_median: float


def latency_test(stable: Histogram, canary: Histogram) -> LatencyTest:
    """Compares two non-empty samples of durations, in seconds, each 0 or more."""
    was, now = _aligned(stable, canary)
    pairs = was.sum() * now.sum()
    below = np.cumsum(was) - was
    u = float((now * (below + was / 2)).sum())
    return LatencyTest(
        p=_p(u, was, now),
        effect=u / float(pairs),
        ratio=_pairs_ratio(stable, canary),
        stable_median=stable.median(),
        canary_median=canary.median(),
    )


def _pairs_ratio(stable: Histogram, canary: Histogram) -> float:
    """The median of canary's over stable's durations, among all pairs."""
    was, now = _dense(stable), _dense(canary)
    # How many pairs are so many bins apart, from -(len(was) - 1) to len(now) - 1.
    apart = np.rint(np.convolve(now[1], was[1][::-1]))
    middle = int(np.searchsorted(np.cumsum(apart), apart.sum() / 2))
    return math.exp((middle - (len(was[1]) - 1) + now[0] - was[0]) * WIDTH)


def _dense(histogram: Histogram) -> tuple[int, Counts]:
    """The first bin, and the counts from there to the last."""
    numbers, times = histogram.bins()
    counts = np.zeros(int(numbers[-1] - numbers[0]) + 1)
    counts[numbers - numbers[0]] = times
    return int(numbers[0]), counts


def _aligned(stable: Histogram, canary: Histogram) -> tuple[Counts, Counts]:
    """Counts of both by the bins that either has."""
    sides = stable.bins(), canary.bins()
    bins = np.union1d(sides[0][0], sides[1][0])
    counts = np.zeros((2, len(bins)))
    for row, (numbers, times) in zip(counts, sides, strict=True):
        row[np.searchsorted(bins, numbers)] = times
    return counts[0], counts[1]


def _p(u: float, was: Counts, now: Counts) -> float:
    n_s, n_c, ties = float(was.sum()), float(now.sum()), was + now
    n = n_s + n_c
    correction = float((ties**3 - ties).sum()) / (n * (n - 1)) if n > 1 else 0.0
    variance = n_s * n_c / 12 * (n + 1 - correction)
    if variance <= 0:
        return 1.0
    return float(ndtr(-(u - n_s * n_c / 2 - 0.5) / math.sqrt(variance)))
