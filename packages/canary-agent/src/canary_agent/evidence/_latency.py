r"""Is the canary slower? The Mann-Whitney test on the durations that lines report.

With U the number of pairs (one duration of each side) in which the canary's is the longer, ties counting
half, p comes from U's distribution when both sides are alike, and

    A = U / (n_stable * n_canary)

is the chance that a canary's duration is longer than a stable one (Vargha and Delaney, 2000). Both the
p-value and the effect must be there: with a million lines any trifle is significant.

Durations come in bins, so there are many ties, and samples of ten and more: p is the normal approximation
with the correction for ties and for continuity,

    z = (U - n_s n_c / 2 - 1/2) / sigma,   sigma^2 = n_s n_c / 12 * (n + 1 - sum(t^3 - t) / (n (n - 1)))

with t the size of each group of ties among all n values.

Source: Mann and Whitney, Annals of Mathematical Statistics 1947; the same as scipy.stats.mannwhitneyu with
method="asymptotic".

Worked example: every duration of the canary is longer, so that A is 1.

>>> stable, canary = Histogram.of([0.010, 0.011, 0.012, 0.013]), Histogram.of([0.020, 0.021, 0.022])
>>> test = latency_test(stable, canary)
>>> test.effect, round(test.ratio, 2), round(test.p, 3)
(1.0, 1.82, 0.026)
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from ._histogram import Histogram

Counts = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LatencyTest:
    """The result: p from 0 to 1; effect A from 0 to 1, 0.5 being none; ratio and medians in seconds."""

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
    medians = stable.median(), canary.median()
    # Durations that round to zero have no ratio; the canary's own size is then what there is to say.
    ratio = medians[1] / medians[0] if medians[0] > 0 else (1.0 if medians[1] == 0 else 1e9)
    return LatencyTest(
        p=_p(u, was, now),
        effect=u / float(pairs),
        ratio=ratio,
        stable_median=medians[0],
        canary_median=medians[1],
    )


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
