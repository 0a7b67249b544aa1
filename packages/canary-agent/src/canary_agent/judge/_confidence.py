"""How sure a verdict is, 0 to 100, with one meaning for each verdict.

- promote: the chance that a fault which spoils one line in twenty would have shown at least once in the
  lines of the side with fewer: 100 (1 - 0.95^n). 20 lines give 64, 45 give 90, 90 and more give 99.
- rollback: 99 for hard evidence; otherwise 100 (1 - q) of the strongest item, q being the share of false
  alarms among results as strong as this one.
- inconclusive: 100 (1 - p) of the strongest suspicious item, the chance-free part of the suspicion; 0 where
  only data is missing, since nothing speaks for either side.

99 is the most: no log proves the absence of a fault, nor who caused it.
"""

from collections.abc import Sequence

from canary_agent.evidence import Findings
from canary_verdict import Verdict

from ._grade import Graded, Strength

_MOST = 99.0
_SPOILT = 0.05


def confidence(verdict: Verdict, graded: Sequence[Graded], findings: Findings) -> float:
    """The number that goes with `verdict`, to one decimal."""
    if verdict is Verdict.PROMOTE:
        lines = min(findings.stable.usual_lines, findings.canary.usual_lines)
        return _percent(1 - (1 - _SPOILT) ** lines)
    if any(one.strength is Strength.HARD for one in graded):
        return _MOST
    wanted = Strength.SIGNIFICANT if verdict is Verdict.ROLLBACK else Strength.SUSPICIOUS
    chances = [_chance(one) for one in graded if one.strength is wanted]
    return max(1.0, _percent(1 - min(chances))) if chances else 0.0


def _chance(graded: Graded) -> float:
    finding = graded.finding
    value = finding.q if graded.strength is Strength.SIGNIFICANT else finding.p
    return 0.5 if value is None else value


def _percent(share: float) -> float:
    return round(min(_MOST, 100 * share), 1)
