"""From findings and a policy to a decision."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from canary_agent.evidence import Findings, PolicyError
from canary_verdict import Policy, Verdict, wrong_waiver

from ._confidence import confidence
from ._grade import BY_SENSITIVITY, Graded, Strength, grade
from ._shortage import shortages
from ._table import TABLE, Against, Evidence, Vote, VotingRules, against, valid_votes

_MODELS_MOST = 55.0  # nobody has measured how often models that say "sure" are right


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict and what it rests on.

    Attributes:
        graded: all findings, the strongest first; the id of the first is `e1`.
        shortages: why there is too little to judge by; none when there is enough.
        votes: the valid ones.
        against: what they come to.
    """

    verdict: Verdict
    confidence: float
    evidence: Evidence
    graded: tuple[Graded, ...]
    shortages: tuple[str, ...]
    votes: tuple[Vote, ...] = ()
    against: Against = Against.NONE

    @property
    def alone(self) -> Verdict:
        """What the evidence says without any vote."""
        return TABLE[self.evidence, Against.NONE]


def evidence_id(index: int) -> str:
    """The id of the finding at `index` of a decision's `graded`."""
    return f"e{index + 1}"


def decide(
    findings: Findings,
    policy: Policy,
    votes: Sequence[Vote] = (),
    rules: VotingRules | None = None,
    citable: Collection[str] | None = None,
) -> Decision:
    """Judges the findings; models' votes can only make the verdict stricter.

    Args:
        findings: what the evidence engine found.
        policy: the user's.
        votes: models' advice; one that cites nothing, or what does not exist, does not count.
        rules: the operator's.
        citable: ids of the evidence that the models have seen; None: all.

    Raises:
        PolicyError: the policy waives something that does not exist.
    """
    if wrong := wrong_waiver(policy.waive):
        raise PolicyError(f"policy.waive: {wrong}")
    graded = grade(findings.items, BY_SENSITIVITY[policy.sensitivity], policy.waive)
    missing = shortages(findings, policy)
    says = _says(graded, missing)
    ids = {evidence_id(index) for index in range(len(graded))}
    valid = valid_votes(votes, ids if citable is None else ids & set(citable))
    counted = against(valid, rules or VotingRules())
    verdict = TABLE[says, counted]
    by_votes = verdict is not TABLE[says, Against.NONE]
    return Decision(
        verdict=verdict,
        confidence=_of_votes(valid) if by_votes else confidence(verdict, graded, findings),
        evidence=says,
        graded=tuple(graded),
        shortages=tuple(missing),
        votes=valid,
        against=counted,
    )


def _of_votes(valid: Sequence[Vote]) -> float:
    """How sure those are who speak against the canary, within what their word is worth."""
    against_it = [vote.confidence for vote in valid if vote.verdict is not Verdict.PROMOTE]
    return round(min(_MODELS_MOST, sum(against_it) / len(against_it)), 1)


def _says(graded: Sequence[Graded], missing: Sequence[str]) -> Evidence:
    strengths = {one.strength for one in graded}
    if Strength.HARD in strengths:
        return Evidence.HARD
    if Strength.SIGNIFICANT in strengths:
        return Evidence.SIGNIFICANT
    return Evidence.IN_DOUBT if missing or Strength.SUSPICIOUS in strengths else Evidence.CLEAN
