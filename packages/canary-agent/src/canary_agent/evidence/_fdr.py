"""One false-discovery control over all tests of an analysis.

Benjamini and Hochberg: with the p-values in ascending order, q_(i) = min over j >= i of m * p_(j) / j.
Acting on q below 0.05 means that at most 5 % of what is acted on is chance.

Source: Benjamini and Hochberg, Journal of the Royal Statistical Society B 1995;
the same as scipy.stats.false_discovery_control. The family is larger than the tests that were made: everything that
stable shows could have become worse, and something new could have come. So its size is given by stable,
and one more fault of the canary cannot make another one look more like chance.

Worked example: p = 0.0001 and 0.04 in a family of 20 become 0.002 and 0.4.

>>> [round(float(q), 4) for q in q_values([0.0001, 0.04], 20)]
[0.002, 0.4]
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def q_values(p_values: Sequence[float], family: int) -> NDArray[np.float64]:
    """The q-value of each p-value, in their order; both from 0 to 1.

    Args:
        p_values: of the tests that were made.
        family: how many could have been made; the others count as p = 1. Fewer than were made is
            as many as were made.
    """
    if not p_values:
        return np.empty(0)
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    scaled = p[order] * max(family, len(p)) / np.arange(1, len(p) + 1)
    q = np.empty_like(p)
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q
