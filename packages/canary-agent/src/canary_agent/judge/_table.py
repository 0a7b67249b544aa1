"""The table that decides: what the evidence says, and what models may add to it.

Read a row from left to right: no column is nearer to promote than the first.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from canary_verdict import Verdict


class Evidence(Enum):
    """What the evidence says by itself."""

    HARD = auto()
    SIGNIFICANT = auto()
    IN_DOUBT = auto()  # suspicious, or too little data
    CLEAN = auto()


class Against(Enum):
    """How many valid votes speak against a promotion."""

    NONE = auto()  # no vote, or votes to promote
    ONE = auto()  # one vote to roll back, or votes of doubt
    SPLIT = auto()  # two to roll back, but votes to promote weigh more than the rules allow
    TWO_TO_ROLL_BACK = auto()  # or more


_ROLLBACK, _INCONCLUSIVE, _PROMOTE = Verdict.ROLLBACK, Verdict.INCONCLUSIVE, Verdict.PROMOTE

TABLE: dict[tuple[Evidence, Against], Verdict] = {
    (Evidence.HARD, Against.NONE): _ROLLBACK,
    (Evidence.HARD, Against.ONE): _ROLLBACK,
    (Evidence.HARD, Against.SPLIT): _ROLLBACK,
    (Evidence.HARD, Against.TWO_TO_ROLL_BACK): _ROLLBACK,
    (Evidence.SIGNIFICANT, Against.NONE): _ROLLBACK,
    (Evidence.SIGNIFICANT, Against.ONE): _ROLLBACK,
    (Evidence.SIGNIFICANT, Against.SPLIT): _ROLLBACK,
    (Evidence.SIGNIFICANT, Against.TWO_TO_ROLL_BACK): _ROLLBACK,
    (Evidence.IN_DOUBT, Against.NONE): _INCONCLUSIVE,
    (Evidence.IN_DOUBT, Against.ONE): _INCONCLUSIVE,
    (Evidence.IN_DOUBT, Against.SPLIT): _INCONCLUSIVE,
    (Evidence.IN_DOUBT, Against.TWO_TO_ROLL_BACK): _ROLLBACK,
    (Evidence.CLEAN, Against.NONE): _PROMOTE,
    (Evidence.CLEAN, Against.ONE): _INCONCLUSIVE,
    (Evidence.CLEAN, Against.SPLIT): _INCONCLUSIVE,
    (Evidence.CLEAN, Against.TWO_TO_ROLL_BACK): _ROLLBACK,
}


@dataclass(frozen=True, slots=True)
class Vote:
    """One model's advice; `cites` are ids of evidence items, `confidence` 0 to 100 is its weight."""

    model: str
    verdict: Verdict
    cites: tuple[str, ...] = ()
    confidence: float = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VotingRules:
    """What an operator may change.

    Attributes:
        one_model_may_roll_back: one vote to roll back counts as two.
        disagreement: share of the valid votes' weight that speaks for a promotion, 0 to 1, above
            which models alone roll nothing back.
    """

    one_model_may_roll_back: bool = False
    disagreement: float = 0.5


def valid_votes(votes: Sequence[Vote], evidence_ids: Collection[str]) -> tuple[Vote, ...]:
    """The votes that cite evidence, all of which exists; one a model."""
    valid = (vote for vote in votes if vote.cites and set(vote.cites) <= set(evidence_ids))
    return tuple({vote.model: vote for vote in valid}.values())


def against(valid: Sequence[Vote], rules: VotingRules) -> Against:
    """Counts valid votes, and weighs those to promote where others would roll back."""
    to_roll_back = sum(vote.verdict is Verdict.ROLLBACK for vote in valid)
    if to_roll_back >= (1 if rules.one_model_may_roll_back else 2):
        split = _share_to_promote(valid) > rules.disagreement
        return Against.SPLIT if split else Against.TWO_TO_ROLL_BACK
    in_doubt = any(vote.verdict is not Verdict.PROMOTE for vote in valid)
    return Against.ONE if in_doubt else Against.NONE


def _share_to_promote(valid: Sequence[Vote]) -> float:
    whole = sum(vote.confidence for vote in valid)
    part = sum(vote.confidence for vote in valid if vote.verdict is Verdict.PROMOTE)
    return part / whole if whole else 0.0
