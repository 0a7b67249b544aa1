"""Votes end to end: from a model's answer to the verdict."""

import json

import pytest
from voting import BAD, CLEAN, DOUBTFUL, Answer, Logs, judged, opinion

from canary_agent.models import PanelSettings
from canary_verdict import Verdict, parse_verdict

ROLLBACK, DOUBT, PROMOTE = (opinion(one) for one in ("rollback", "inconclusive", "promote"))
VOID = opinion("rollback", cites=["e1", "e99"])


def test_with_no_model_the_evidence_decides_and_says_so() -> None:
    verdict = judged(CLEAN)
    assert verdict.verdict is Verdict.PROMOTE
    assert verdict.voting_rationale == "No model was asked; the evidence alone decides."
    assert (verdict.model_results, verdict.usage) == ((), {})


@pytest.mark.parametrize(
    ("logs", "answers", "expected"),
    [
        (CLEAN, [PROMOTE], "promote"),
        (CLEAN, [DOUBT], "inconclusive"),
        (CLEAN, [ROLLBACK], "inconclusive"),
        (CLEAN, [ROLLBACK, ROLLBACK], "rollback"),
        (CLEAN, [ROLLBACK, VOID], "inconclusive"),
        (CLEAN, [VOID, VOID], "promote"),
        (CLEAN, [opinion(cites=[]), None], "promote"),
        (CLEAN, [ROLLBACK, ROLLBACK, PROMOTE, PROMOTE, PROMOTE], "inconclusive"),
        (DOUBTFUL, [PROMOTE, PROMOTE], "inconclusive"),
        (DOUBTFUL, [ROLLBACK], "inconclusive"),
        (DOUBTFUL, [ROLLBACK, ROLLBACK], "rollback"),
        (BAD, [PROMOTE, PROMOTE, PROMOTE], "rollback"),
    ],
)
def test_what_votes_do(logs: Logs, answers: list[Answer], expected: str) -> None:
    verdict = judged(logs, *answers)
    assert verdict.verdict.value == expected
    assert len(verdict.model_results) == len(answers)
    assert parse_verdict(json.loads(json.dumps(verdict.to_json())), "uid-1") == verdict


def test_an_operator_may_let_one_model_roll_back() -> None:
    alone = PanelSettings(one_may_roll_back=True)
    assert judged(CLEAN, ROLLBACK, settings=alone).verdict is Verdict.ROLLBACK
    assert judged(CLEAN, VOID, settings=alone).verdict is Verdict.PROMOTE


def test_the_rationale_names_votes_weights_and_who_is_left_out() -> None:
    verdict = judged(CLEAN, ROLLBACK, opinion("promote", confidence=60), VOID, None)
    text = verdict.voting_rationale
    assert "4 models were asked; votes that count, by confidence: promote 60, rollback 80." in text
    assert "test:a: rollback with 80 (e1)." in text
    assert "test:c: it cites what it was not shown" in text
    assert "test:d: its answer has not the form" in text
    assert text.endswith("says promote; a vote against the canary makes it inconclusive.")
    assert [bool(one.error) for one in verdict.model_results] == [False, False, True, True]
    assert (verdict.usage["modelsAsked"], verdict.usage["modelsSilent"]) == (4, 1)
    assert verdict.usage["tokensIn"] > 0


def test_a_models_words_stand_behind_the_evidences_and_are_marked() -> None:
    verdict = judged(BAD, opinion("rollback", rootCause="The card service is down."))
    alone = judged(BAD)
    assert verdict.root_cause == f"{alone.root_cause} test:a says: The card service is down."
    assert verdict.analysis.startswith(alone.analysis)
    assert verdict.confidence == alone.confidence
    # Nobody speaks for a verdict that is not his.
    assert judged(BAD, PROMOTE).root_cause == alone.root_cause


def test_the_confidence_of_a_verdict_by_votes_is_modest() -> None:
    sure = opinion(confidence=100)
    assert judged(CLEAN, sure, sure).confidence == 55.0
    assert judged(CLEAN, opinion(confidence=30)).confidence == 30.0


def test_answers_are_bounded_redacted_and_visible() -> None:
    hostile = opinion(
        analysis="\x1b[2J\u202etoken ghp_abcdefghijklmnopqrstuvwxyz012345" + "x" * 50_000,
        cites=["e1", "e1", *["e1 "] * 500],
    )
    verdict = judged(CLEAN, hostile)
    text = json.dumps(verdict.to_json(), ensure_ascii=False)
    assert verdict.verdict is Verdict.INCONCLUSIVE
    for hidden in ("ghp_", "\u001b", "\u202e"):
        assert hidden not in text
    assert len(verdict.model_results[0].analysis) <= 4000
    assert len(verdict.analysis) < 10_000
