"""How sure a verdict is, 0 to 100: of verdicts with 90, nine in ten are right.

Fitted on the development part of bench/verdicts, 320 pairs of recorded logs of seven programs, with Laplace's
estimate (right + 1) / (all + 2), so that few cases never make a certainty:

| verdict | right of all | estimate | confidence |
| --- | --- | --- | --- |
| rollback, hard evidence | 72 of 72 | 98.6 | 99 |
| rollback, q below 0.000001 | 78 of 78 | 98.8 | 98.5 |
| rollback, q below 0.001 | 3 of 3 | 80.0 | 95, between its neighbours |
| rollback, q above that | 2 of 2 | 75.0 | 90, since q allows 1 in 20 to be chance |
| promote, at 90 or more | 130 of 130 | 99.2 | as below |
| promote, at 80 to 90 | 25 of 25 | 96.3 | as below |
| inconclusive, for a suspicion | 5 of 9 faulty | 54.5 | 55, that the canary is faulty |

A promotion rests on what was not found, so it is surer the more lines there are: 100 (1 - 0.95^n) is the
chance that a fault which spoils one line in twenty would have shown in the n lines of the side with fewer.
20 lines give 64, 45 give 90, 90 and more give 99. It is below what the recordings say, on purpose: faults that
are rarer than theirs exist.

An inconclusive verdict for want of data has 0: nothing speaks for either side. 99 is the most: no log proves the
absence of a fault, nor who caused it.
"""

from collections.abc import Sequence

from canary_agent.evidence import Findings
from canary_verdict import Verdict

from ._grade import Graded, Strength

_MOST = 99.0
_SPOILT = 0.05
_BY_Q = ((1e-6, 98.5), (1e-3, 95.0), (1.0, 90.0))
_SUSPICION = 55.0


def confidence(verdict: Verdict, graded: Sequence[Graded], findings: Findings) -> float:
    """The number that goes with `verdict`, to one decimal."""
    if verdict is Verdict.PROMOTE:
        lines = min(findings.stable.usual_lines, findings.canary.usual_lines)
        return round(min(_MOST, 100 * (1 - (1 - _SPOILT) ** lines)), 1)
    strengths = {one.strength for one in graded}
    if Strength.HARD in strengths:
        return _MOST
    if verdict is Verdict.ROLLBACK and Strength.SIGNIFICANT in strengths:
        return _of_q(min(_q(one) for one in graded if one.strength is Strength.SIGNIFICANT))
    return _SUSPICION if Strength.SUSPICIOUS in strengths else 0.0


def _q(graded: Graded) -> float:
    q = graded.finding.q
    return 1.0 if q is None else q


def _of_q(q: float) -> float:
    return next(percent for limit, percent in _BY_Q if q <= limit)
