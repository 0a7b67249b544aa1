"""What each kind of extraPrompt changes, and that it changes nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from canary_agent.excuses import MAX_RULES, Rules, rules_from
from canary_verdict import Verdict

Answers = Callable[..., Any]
Verdicts = Callable[..., Verdict]

COLOR = "WARN the color changed to blue in request"
NEG = "WARN pod waits: LoadBalancerNegNotReady for"
PAYMENT = "ERROR payment declined for order"
CART = "WARN colorful cart lost item"


@pytest.mark.parametrize(
    "case",
    [
        ("Ignore color changes", ("words", "color"), COLOR, [PAYMENT, CART, NEG]),
        ("Ignore color changes in the output", ("words", "Color change"), COLOR, [PAYMENT, CART]),
        (
            "Ignore color changes. Consider LoadBalancerNegNotReady a temporary condition.",
            ("words", "LoadBalancerNegNotReady"),
            NEG,
            [PAYMENT, COLOR],
        ),
        ("LoadBalancerNegNotReady is temporary", ("expression", "LoadBalancerNegNotReady"), NEG, [COLOR]),
        ("Declined payments are expected in this test.", ("words", "payment declined"), PAYMENT, [COLOR]),
        ("Bitte Farbe und color ignorieren", ("words", "color"), COLOR, [PAYMENT]),
        ("Ignore lines like color changed to \\w+", ("expression", "color changed to \\w+"), COLOR, [CART]),
    ],
)  # fmt: skip
def test_what_is_excused_and_nothing_else(
    answering: Answers, verdict_with: Verdicts, case: tuple[str, tuple[str, str], str, list[str]]
) -> None:
    prompt, rule, excused, others = case
    rules = rules_from(prompt, answering(rule))
    assert len(rules.accepted) == len(rules.shown) == 1
    assert verdict_with(Rules(), excused) is not Verdict.PROMOTE
    assert verdict_with(rules, excused) is Verdict.PROMOTE
    for other in others:
        assert verdict_with(rules, other) is verdict_with(Rules(), other) is not Verdict.PROMOTE
        assert verdict_with(rules, excused, other) is not Verdict.PROMOTE
    assert verdict_with(rules, excused, crashes=True) is Verdict.ROLLBACK


@pytest.mark.parametrize(
    "prompt",
    [
        "Focus on error rates",
        "Focus on response times and throughput metrics",
        "Pay special attention to error rates and exception patterns",
        "This is a critical payment processing service - prioritize stability",
        "Consider memory usage patterns and database connection limits",
        "This is a high-traffic service. Focus on response times and database connection issues.",
        "Never ignore payment errors",
        "Do not ignore color changes",
        "Payments are not expected to fail",
        "Responses are expected below 200 ms",
        "",
    ],
)
def test_where_nothing_is_excused_no_model_is_asked(answering: Answers, prompt: str) -> None:
    model = answering(("words", "payment declined"), ("expression", "color.*"))
    assert rules_from(prompt, model) == Rules()
    assert model.asked == []


@pytest.mark.parametrize(
    "rule",
    [
        ("words", "payment declined"),
        ("words", "error"),
        ("words", "errors"),
        ("words", "fail"),
        ("words", "Exception"),
        ("words", "request failed"),
        ("words", "e"),
        ("words", "..."),
        ("words", "ignore"),
        ("words", "color payment"),
        ("words", "7"),
        ("words", "color change in the output of the page"),
        ("expression", ".*"),
        ("expression", ".+"),
        ("expression", "\\w{3}"),
        ("expression", "color|.*"),
        ("expression", "(color)?"),
        ("expression", "(?i)color"),
        ("expression", "(color"),
        ("expression", "[a-z]+"),
        ("expression", "(?:)"),
        ("expression", "payment.*"),
        ("expression", "c?o?l?o?r?"),
        ("expression", "colo[a-z"),
        ("signature", "connection refused"),
        ("signature", "color"),
    ],
)
def test_what_a_model_makes_up_is_no_rule(answering: Answers, rule: tuple[str, str]) -> None:
    rules = rules_from("Ignore color changes. Watch the payment declined errors.", answering(rule))
    assert (rules.accepted, rules.shown) == ((), ())
    assert len(rules.refused) == 1


def test_a_clause_does_not_excuse_the_next(answering: Answers) -> None:
    prompt = "Ignore color changes but treat declined payments as fatal"
    rules = rules_from(prompt, answering(("words", "color"), ("words", "declined payments")))
    assert [shown.split("'")[1] for shown in rules.shown] == ["color"]
    assert "clause" in rules.refused[0]


def test_a_signature_that_the_text_names(answering: Answers, verdict_with: Verdicts) -> None:
    rules = rules_from(
        "Refused connections are harmless here", answering(("signature", "Connection Refused"))
    )
    line = "ERROR dial tcp: connection refused, request"
    assert verdict_with(Rules(), line) is not Verdict.PROMOTE
    assert verdict_with(rules, line) is Verdict.PROMOTE
    assert verdict_with(rules, PAYMENT) is not Verdict.PROMOTE


def test_the_verdict_can_show_whose_words_it_were(answering: Answers) -> None:
    (shown,) = rules_from("Ignore color changes!", answering(("words", "color"))).shown
    assert shown == "words 'color', for \"Ignore color changes\""


def test_the_model_sees_the_users_text_without_secrets(answering: Answers) -> None:
    model = answering()
    rules_from("Ignore color changes.\nThe login is password=" + "hunter2-and-more", model)
    assert model.asked == ["Ignore color changes.\nThe login is password=[secret]"]


@pytest.mark.parametrize(
    "rules",
    [
        [("words", "color")] * (MAX_RULES + 1),
        [("words", "x" * 201)],
        [("words", "")],
        [("waive", "CrashLoopBackOff")],
    ],
)
def test_an_answer_of_another_form_is_none(
    answering: Answers, rules: list[tuple[str, str]]
) -> None:
    with pytest.raises(ValidationError):
        rules_from("Ignore color changes", answering(*rules))


def test_the_same_rule_twice_is_one(answering: Answers) -> None:
    rules = rules_from("Ignore color changes", answering(*[("words", "color")] * 3))
    assert len(rules.accepted) == 1
