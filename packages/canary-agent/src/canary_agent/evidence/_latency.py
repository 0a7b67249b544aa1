r"""Is the canary slower? The Mann-Whitney test on the durations that lines report.

With U the number of pairs (one duration of each side) in which the canary's is the longer, ties counting
half, p comes from U's distribution when both sides are alike, and

    A = U / (n_stable * n_canary)

is the chance that a canary's duration is longer than a stable one (Vargha and Delaney, 2000). Both the
p-value and the effect must be there: with a million lines any trifle is significant.

Source: Mann and Whitney, Annals of Mathematical Statistics 1947; scipy.stats.mannwhitneyu.

Worked example: every duration of the canary is longer, so that A is 1.

>>> test = latency_test(np.array([0.010, 0.011, 0.012, 0.013]), np.array([0.020, 0.021, 0.022]))
>>> test.effect, round(test.ratio, 2), round(test.p, 3)
(1.0, 1.83, 0.029)
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu


@dataclass(frozen=True, slots=True)
class LatencyTest:
    """The result: p from 0 to 1; effect A from 0 to 1, 0.5 being none; ratio and medians in seconds."""

    p: float
    effect: float
    ratio: float
    stable_median: float
    canary_median: float


def latency_test(stable: NDArray[np.float64], canary: NDArray[np.float64]) -> LatencyTest:
    """Compares two non-empty samples of durations, in seconds, each 0 or more."""
    result = mannwhitneyu(canary, stable, alternative="greater")
    medians = float(np.median(stable)), float(np.median(canary))
    # Durations that round to zero have no ratio; the canary's own size is then what there is to say.
    ratio = medians[1] / medians[0] if medians[0] > 0 else (1.0 if medians[1] == 0 else 1e9)
    return LatencyTest(
        p=float(result.pvalue),
        effect=float(result.statistic) / (len(stable) * len(canary)),
        ratio=ratio,
        stable_median=medians[0],
        canary_median=medians[1],
    )
