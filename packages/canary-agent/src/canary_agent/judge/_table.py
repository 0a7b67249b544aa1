"""The table that decides: what the evidence says, and what models may add to it.

Read a row from left to right: nothing moves towards promote.
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
    TWO_TO_ROLL_BACK = auto()  # or more


_ROLLBACK, _INCONCLUSIVE, _PROMOTE = Verdict.ROLLBACK, Verdict.INCONCLUSIVE, Verdict.PROMOTE

TABLE: dict[tuple[Evidence, Against], Verdict] = {
    (Evidence.HARD, Against.NONE): _ROLLBACK,
    (Evidence.HARD, Against.ONE): _ROLLBACK,
    (Evidence.HARD, Against.TWO_TO_ROLL_BACK): _ROLLBACK,
    (Evidence.SIGNIFICANT, Against.NONE): _ROLLBACK,
    (Evidence.SIGNIFICANT, Against.ONE): _ROLLBACK,
    (Evidence.SIGNIFICANT, Against.TWO_TO_ROLL_BACK): _ROLLBACK,
    (Evidence.IN_DOUBT, Against.NONE): _INCONCLUSIVE,
    (Evidence.IN_DOUBT, Against.ONE): _INCONCLUSIVE,
    (Evidence.IN_DOUBT, Against.TWO_TO_ROLL_BACK): _ROLLBACK,
    (Evidence.CLEAN, Against.NONE): _PROMOTE,
    (Evidence.CLEAN, Against.ONE): _INCONCLUSIVE,
    (Evidence.CLEAN, Against.TWO_TO_ROLL_BACK): _ROLLBACK,
}


@dataclass(frozen=True, slots=True)
class Vote:
    """One model's advice; `cites` are ids of evidence items."""

    model: str
    verdict: Verdict
    cites: tuple[str, ...] = ()


def against(
    votes: Sequence[Vote], evidence_ids: Collection[str], *, one_model_may_roll_back: bool
) -> Against:
    """Counts the valid votes: those that cite evidence, all of which exists; one a model.

    An operator may let one model alone roll back; then one vote counts as two.
    """
    valid = {
        vote.model: vote
        for vote in votes
        if vote.cites and all(cited in evidence_ids for cited in vote.cites)
    }
    to_roll_back = sum(vote.verdict is Verdict.ROLLBACK for vote in valid.values())
    if to_roll_back >= (1 if one_model_may_roll_back else 2):
        return Against.TWO_TO_ROLL_BACK
    in_doubt = any(vote.verdict is not Verdict.PROMOTE for vote in valid.values())
    return Against.ONE if in_doubt else Against.NONE
