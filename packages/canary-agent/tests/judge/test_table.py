"""The table that decides, in full."""

from collections.abc import Sequence
from itertools import combinations_with_replacement, product

import pytest

from canary_agent.judge import TABLE, Against, Evidence, Vote, VotingRules, against, valid_votes
from canary_verdict import Verdict

# As the design has it, written anew so that neither copy can change alone.
DESIGN = """
HARD         rollback      rollback      rollback      rollback
SIGNIFICANT  rollback      rollback      rollback      rollback
IN_DOUBT     inconclusive  inconclusive  inconclusive  rollback
CLEAN        promote       inconclusive  inconclusive  rollback
"""
BADNESS = [Verdict.PROMOTE, Verdict.INCONCLUSIVE, Verdict.ROLLBACK]
RULES = [
    VotingRules(one_model_may_roll_back=alone, disagreement=limit)
    for alone in (False, True)
    for limit in (0.0, 0.5, 1.0)
]


def test_the_table_is_the_designs() -> None:
    rows = [line.split() for line in DESIGN.split("\n") if line]
    for evidence, *verdicts in rows:
        assert [TABLE[Evidence[evidence], column].value for column in Against] == verdicts
    assert len(TABLE) == len(rows) * len(Against)


def test_nothing_moves_towards_promote() -> None:
    for evidence in Evidence:
        row = [BADNESS.index(TABLE[evidence, column]) for column in Against]
        assert row == sorted(row)
    for column in Against:
        clean_to_hard = [BADNESS.index(TABLE[one, column]) for one in reversed(Evidence)]
        assert clean_to_hard == sorted(clean_to_hard)


CASTS = [Vote("", verdict, ("e1",), weight) for verdict in Verdict for weight in (0.0, 40.0, 100.0)]
MULTISETS = [
    cast for size in range(5) for cast in combinations_with_replacement(range(len(CASTS)), size)
]


def votes_of(cast: Sequence[int]) -> list[Vote]:
    """The votes of models with names of their own."""
    chosen = [CASTS[index] for index in cast]
    return [
        Vote(f"m{number}", one.verdict, one.cites, one.confidence)
        for number, one in enumerate(chosen)
    ]


def badness(evidence: Evidence, votes: Sequence[Vote], rules: VotingRules) -> int:
    return BADNESS.index(TABLE[evidence, against(votes, rules)])


@pytest.mark.parametrize("rules", RULES, ids=str)
@pytest.mark.parametrize("evidence", Evidence)
def test_every_multiset_of_up_to_four_votes(evidence: Evidence, rules: VotingRules) -> None:
    alone = badness(evidence, [], rules)
    for cast in MULTISETS:
        votes = votes_of(cast)
        verdict = badness(evidence, votes, rules)
        assert verdict >= alone
        if all(vote.verdict is Verdict.PROMOTE for vote in votes):
            assert verdict == alone
        elif evidence is Evidence.CLEAN:
            assert BADNESS[verdict] is not Verdict.PROMOTE
        # A vote that becomes stricter never makes the verdict milder, whoever casts it.
        for index, vote in enumerate(votes):
            for stricter in BADNESS[BADNESS.index(vote.verdict) + 1 :]:
                changed = Vote(vote.model, stricter, vote.cites, vote.confidence)
                after = [*votes[:index], changed, *votes[index + 1 :]]
                assert badness(evidence, after, rules) >= verdict


@pytest.mark.parametrize("rules", RULES, ids=str)
def test_worse_evidence_never_makes_the_verdict_milder(rules: VotingRules) -> None:
    for cast in MULTISETS:
        found = [badness(evidence, votes_of(cast), rules) for evidence in reversed(Evidence)]
        assert found == sorted(found)


def test_models_alone_roll_back_only_where_two_of_them_agree() -> None:
    for cast in MULTISETS:
        votes = votes_of(cast)
        rollbacks = sum(vote.verdict is Verdict.ROLLBACK for vote in votes)
        column = against(votes, VotingRules())
        assert (column is Against.TWO_TO_ROLL_BACK) <= (rollbacks >= 2)
        assert (column is Against.NONE) == all(vote.verdict is Verdict.PROMOTE for vote in votes)


@pytest.mark.parametrize(
    ("promoting", "limit", "expected"),
    [
        ([], 0.5, Against.TWO_TO_ROLL_BACK),
        ([90.0], 0.5, Against.TWO_TO_ROLL_BACK),
        ([90.0], 0.3, Against.SPLIT),
        ([90.0, 90.0], 0.5, Against.TWO_TO_ROLL_BACK),
        ([100.0, 100.0], 0.5, Against.SPLIT),
        ([100.0, 100.0], 1.0, Against.TWO_TO_ROLL_BACK),
    ],
)
def test_disagreement_above_the_limit(
    promoting: list[float], limit: float, expected: Against
) -> None:
    votes = [Vote(f"r{n}", Verdict.ROLLBACK, ("e1",), 90.0) for n in range(2)]
    votes += [Vote(f"p{n}", Verdict.PROMOTE, ("e1",), one) for n, one in enumerate(promoting)]
    assert against(votes, VotingRules(disagreement=limit)) is expected


@pytest.mark.parametrize(
    ("first", "second"), list(product([(), ("e1",), ("e1", "e9"), ("e9",)], repeat=2))
)
def test_votes_without_existing_evidence_are_void(
    first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    votes = [Vote("a", Verdict.ROLLBACK, first), Vote("b", Verdict.ROLLBACK, second)]
    valid = valid_votes(votes, {"e1", "e2"})
    assert [vote.model for vote in valid] == [vote.model for vote in votes if vote.cites == ("e1",)]


def test_one_model_has_one_vote() -> None:
    votes = valid_votes([Vote("a", Verdict.ROLLBACK, ("e1",))] * 5, {"e1"})
    assert against(votes, VotingRules()) is Against.ONE
    alone = VotingRules(one_model_may_roll_back=True)
    assert against(votes, alone) is Against.TWO_TO_ROLL_BACK
    assert against([], alone) is Against.NONE
