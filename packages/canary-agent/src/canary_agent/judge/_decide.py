"""From findings and a policy to a decision."""

from collections.abc import Sequence
from dataclasses import dataclass

from canary_agent.evidence import Findings, PolicyError
from canary_verdict import Policy, Verdict, wrong_waiver

from ._confidence import confidence
from ._grade import BY_SENSITIVITY, Graded, Strength, grade
from ._shortage import shortages
from ._table import TABLE, Evidence, Vote, against


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict and what it rests on.

    Attributes:
        graded: all findings, the strongest first; the id of the first is `e1`.
        shortages: why there is too little to judge by; none when there is enough.
    """

    verdict: Verdict
    confidence: float
    evidence: Evidence
    graded: tuple[Graded, ...]
    shortages: tuple[str, ...]


def evidence_id(index: int) -> str:
    """The id of the finding at `index` of a decision's `graded`."""
    return f"e{index + 1}"


def decide(
    findings: Findings,
    policy: Policy,
    votes: Sequence[Vote] = (),
    *,
    one_model_may_roll_back: bool = False,
) -> Decision:
    """Judges the findings; models' votes can only make the verdict stricter.

    Raises:
        PolicyError: the policy waives something that does not exist.
    """
    if wrong := wrong_waiver(policy.waive):
        raise PolicyError(f"policy.waive: {wrong}")
    graded = grade(findings.items, BY_SENSITIVITY[policy.sensitivity], policy.waive)
    missing = shortages(findings, policy)
    says = _says(graded, missing)
    ids = {evidence_id(index) for index in range(len(graded))}
    counted = against(votes, ids, one_model_may_roll_back=one_model_may_roll_back)
    verdict = TABLE[says, counted]
    return Decision(
        verdict=verdict,
        confidence=confidence(verdict, graded, findings),
        evidence=says,
        graded=tuple(graded),
        shortages=tuple(missing),
    )


def _says(graded: Sequence[Graded], missing: Sequence[str]) -> Evidence:
    strengths = {one.strength for one in graded}
    if Strength.HARD in strengths:
        return Evidence.HARD
    if Strength.SIGNIFICANT in strengths:
        return Evidence.SIGNIFICANT
    return Evidence.IN_DOUBT if missing or Strength.SUSPICIOUS in strengths else Evidence.CLEAN
