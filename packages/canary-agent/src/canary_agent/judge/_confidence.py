"""How sure a verdict is, 0 to 100: of verdicts with 90, nine in ten are right.

Fitted on 740 pairs of recorded logs of twelve programs, every second one of the pairs that bench/verdicts can make
of its development part, with Laplace's estimate (right + 1) / (all + 2), so that few cases never make a certainty:

| verdict | right of all | estimate | confidence |
| --- | --- | --- | --- |
| rollback, hard evidence | 148 of 148 | 99.3 | 99 |
| rollback, q below 0.000001 | 231 of 231 | 99.6 | 98.5 |
| rollback, q below 0.001 | 16 of 16 | 94.4 | 95 |
| rollback, q above that | 6 of 6 | 87.5 | 90, since q allows 1 in 20 to be chance |
| promote, 90 lines and more | 232 of 240 | 96.3 | 97 |
| promote, 45 to 90 lines | 24 of 24 | 96.2 | 90 to 97 |
| promote, fewer | 20 of 22 | 87.5 | 64 to 90 |
| inconclusive, for a suspicion | 23 of 32 faulty | 70.6 | 70, that the canary is faulty |
| inconclusive, for a state alone | 0 of 20 faulty | 4.5 | 10, that the canary is faulty |

Half of these canaries were faulty; where fewer are, promotions are right more often, and rollbacks less.

A promotion rests on what was not found, so it is surer the more lines there are: 100 (1 - 0.95^n) is the
chance that a fault which spoils one line in twenty would have shown in the n lines of the side with fewer.
20 lines give 64, 45 give 90, 69 and more give 97. What is promoted wrongly is mostly slower in a way that the log
does not tell, and more lines would not help.

A state alone is nearly always a restart of which only an earlier log tells, without a new error.

An inconclusive verdict for want of data has 0: nothing speaks for either side. 99 is the most: no log proves who
caused a fault.
"""

from collections.abc import Sequence

from canary_agent.evidence import Findings, Kind
from canary_verdict import Verdict

from ._grade import Graded, Strength

_HARD = 99.0
_MOST_OF_PROMOTE = 97.0
_SPOILT = 0.05
_BY_Q = ((1e-6, 98.5), (1e-3, 95.0), (1.0, 90.0))
_SUSPICION = 70.0
_STATE = 10.0


def confidence(verdict: Verdict, graded: Sequence[Graded], findings: Findings) -> float:
    """The number that goes with `verdict`, to one decimal."""
    if verdict is Verdict.PROMOTE:
        lines = min(findings.stable.usual_lines, findings.canary.usual_lines)
        return round(min(_MOST_OF_PROMOTE, 100 * (1 - (1 - _SPOILT) ** lines)), 1)
    strengths = {one.strength for one in graded}
    if Strength.HARD in strengths:
        return _HARD
    if verdict is Verdict.ROLLBACK and Strength.SIGNIFICANT in strengths:
        return _of_q(min(_q(one) for one in graded if one.strength is Strength.SIGNIFICANT))
    suspicious = {one.finding.kind for one in graded if one.strength is Strength.SUSPICIOUS}
    if suspicious == {Kind.STATE}:
        return _STATE
    return _SUSPICION if suspicious else 0.0


def _q(graded: Graded) -> float:
    q = graded.finding.q
    return 1.0 if q is None else q


def _of_q(q: float) -> float:
    return next(percent for limit, percent in _BY_Q if q <= limit)
