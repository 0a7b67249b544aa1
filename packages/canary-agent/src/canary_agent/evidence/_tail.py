r"""Are the slowest durations of the canary slower? A version that is slow for some requests hardly moves a median.

Of all n durations of both sides, the K longest (a tenth, less where that would part equal ones) fall to the
canary by chance alone as any others do; so the number of the canary's among them is hypergeometric,

    p = P(X >= k),  X ~ Hypergeometric(n, n_canary, K).

What is told is the 90th percentile of each side, and their ratio. Slow moments come in bursts (a pause of the
collector, a busy node), so that durations are not independent: this stops a promotion and proves nothing.

Source: Westenberg, Significance test for median and interquartile range in samples from continuous populations of
any form, 1948 (the median test), at another quantile; the same as scipy.stats.hypergeom.sf.

Worked example: 100 requests on each side, of which 3 take 0.1 s on stable, but 15 on the canary.

>>> stable = Histogram.of([0.01] * 97 + [0.1] * 3)
>>> canary = Histogram.of([0.01] * 85 + [0.1] * 15)
>>> test = tail_test(stable, canary)
>>> round(test.p, 4), round(test.ratio)
(0.0026, 10)
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln

from ._histogram import Histogram

QUANTILE = 0.9
_PART = 10


@dataclass(frozen=True, slots=True)
class TailTest:
    """The result: p from 0 to 1; the sides' 90th percentiles in seconds, and the canary's over stable's."""

    p: float
    ratio: float
    stable: float
    canary: float


def tail_test(stable: Histogram, canary: Histogram) -> TailTest:
    """Compares the longest of two non-empty samples of durations, in seconds, each 0 or more."""
    was, now = stable.quantile(QUANTILE), canary.quantile(QUANTILE)
    ratio = now / was if was > 0 else (1.0 if now == 0 else 1e9)
    return TailTest(_p(stable, canary), ratio, was, now)


def _p(stable: Histogram, canary: Histogram) -> float:
    both = Histogram()
    both.join(stable)
    both.join(canary)
    numbers, counts = both.bins()
    longest = np.cumsum(counts[::-1])[::-1]
    all_ = int(longest[0])
    # The shortest duration such that no more than a tenth are as long or longer; otherwise the longest one.
    most = max(1, all_ // _PART)
    edge = min(int(np.searchsorted(-longest, -most)), len(longest) - 1)
    if longest[edge] == all_:
        return 1.0
    at, times = canary.bins()
    of_canary = int(times[at >= numbers[edge]].sum())
    return _hypergeometric(of_canary, all_, len(canary), int(longest[edge]))


def _hypergeometric(least: int, all_: int, marked: int, drawn: int) -> float:
    """P(X >= least), X being the marked among `drawn` of `all_`."""
    most = min(marked, drawn)
    if least > most:
        return 0.0
    found = np.arange(least, most + 1)
    log = (
        _log_choose(marked, found)
        + _log_choose(all_ - marked, drawn - found)
        - _log_choose(all_, np.asarray(drawn))
    )
    return float(min(1.0, np.exp(log).sum()))


def _log_choose(
    all_: int, drawn: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    with np.errstate(divide="ignore", invalid="ignore"):
        chosen = -np.log(all_ + 1) - betaln(all_ - drawn + 1, drawn + 1)
    return np.where((drawn < 0) | (drawn > all_), -np.inf, chosen)
