"""The table that decides, in full."""

from itertools import product

import pytest

from canary_agent.judge import TABLE, Against, Evidence, Vote, against
from canary_verdict import Verdict

# As the design has it, written anew so that neither copy can change alone.
DESIGN = """
HARD         rollback      rollback      rollback
SIGNIFICANT  rollback      rollback      rollback
IN_DOUBT     inconclusive  inconclusive  rollback
CLEAN        promote       inconclusive  rollback
"""
BADNESS = [Verdict.PROMOTE, Verdict.INCONCLUSIVE, Verdict.ROLLBACK]


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


CASTS = [
    *(Vote("a", verdict, cites) for verdict in Verdict for cites in ((), ("e1",), ("e1", "e9"))),
]


@pytest.mark.parametrize(("first", "second"), list(product(CASTS, CASTS)))
def test_every_pair_of_votes(first: Vote, second: Vote) -> None:
    votes = [first, Vote("b", second.verdict, second.cites)]
    valid = [vote.verdict for vote in votes if vote.cites == ("e1",)]
    rollbacks = valid.count(Verdict.ROLLBACK)
    doubts = rollbacks + valid.count(Verdict.INCONCLUSIVE)
    expected = (
        Against.TWO_TO_ROLL_BACK if rollbacks == 2 else Against.ONE if doubts else Against.NONE
    )
    assert against(votes, {"e1"}, one_model_may_roll_back=False) is expected
    alone = against(votes, {"e1"}, one_model_may_roll_back=True)
    assert alone is (Against.TWO_TO_ROLL_BACK if rollbacks else expected)


def test_one_model_has_one_vote() -> None:
    votes = [Vote("a", Verdict.ROLLBACK, ("e1",))] * 5
    assert against(votes, {"e1"}, one_model_may_roll_back=False) is Against.ONE
    assert against([], {"e1"}, one_model_may_roll_back=True) is Against.NONE
