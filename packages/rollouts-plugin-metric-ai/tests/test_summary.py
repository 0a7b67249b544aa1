import json

from hypothesis import given, settings
from hypothesis import strategies as st

from canary_verdict import CanaryVerdict, EvidenceItem, Sample, Verdict
from rollouts_plugin_metric_ai.summary import (
    MAX_MESSAGE,
    MAX_METADATA,
    MAX_VALUE,
    bounded,
    one_line,
    verdict_metadata,
    verdict_sentence,
    without,
)


def item(number: int, line: str) -> EvidenceItem:
    return EvidenceItem(
        id=f"e{number}",
        kind="rate",
        what="ERROR lines",
        strength="significant",
        canary_sample=Sample(line, "pod", "app", "2026-01-31T12:00:00Z"),
        stable_rate=1 / 3,
        canary_rate=2**53 / 3,
    )


def test_the_sentence_says_verdict_confidence_and_why() -> None:
    verdict = CanaryVerdict("u", Verdict.ROLLBACK, 97.0, root_cause="connection refused to db:5432")
    assert verdict_sentence(verdict, 50) == (
        "rollback, 97 % confident: connection refused to db:5432"
    )


def test_a_promote_below_the_limit_says_so() -> None:
    verdict = CanaryVerdict("u", Verdict.PROMOTE, 40, analysis="quiet")
    assert verdict_sentence(verdict, 50) == (
        "promote, 40 % confident (below minConfidence 50): quiet"
    )


def test_a_verdict_without_reasons_still_has_a_sentence() -> None:
    assert (
        verdict_sentence(CanaryVerdict("u", Verdict.PROMOTE, 80), 50) == "promote, 80 % confident"
    )


@given(st.text(max_size=3000))
@settings(deadline=None)
def test_a_message_is_one_printable_bounded_line(text: str) -> None:
    line = one_line(text)
    assert len(line) <= MAX_MESSAGE
    assert "\n" not in line
    assert "\x1b" not in line
    assert "\u202e" not in line


@given(
    st.dictionaries(st.text("abcdef", min_size=1, max_size=8), st.text(max_size=20_000), max_size=9)
)
@settings(deadline=None)
def test_metadata_keeps_its_bounds_whatever_comes(metadata: dict[str, str]) -> None:
    kept = bounded(metadata)
    assert all(len(value.encode()) <= MAX_VALUE for value in kept.values())
    assert (
        sum(len(name.encode()) + len(text.encode()) for name, text in kept.items()) <= MAX_METADATA
    )
    assert list(kept) == list(metadata)[: len(kept)]


def test_what_is_needed_to_go_on_is_kept_before_prose() -> None:
    kept = bounded({"taskId": "t-1"} | {f"prose{n}": "x" * 20_000 for n in range(10)})
    assert kept["taskId"] == "t-1"
    assert kept["prose0"].endswith("[…]")
    assert "prose9" not in kept


def test_the_evidence_in_the_metadata_is_always_whole_json() -> None:
    verdict = CanaryVerdict(
        "u", Verdict.ROLLBACK, 97, evidence=tuple(item(n, "ü" * 2000) for n in range(10))
    )
    entry = verdict_metadata(verdict)["evidence"]
    assert len(entry.encode()) <= MAX_VALUE
    first = json.loads(entry)[0]
    assert first["id"] == "e0"
    assert first["canarySample"]["time"] == "2026-01-31T12:00:00Z"


def test_what_says_nothing_is_left_out() -> None:
    assert set(verdict_metadata(CanaryVerdict("u", Verdict.PROMOTE, 80))) == {
        "verdict",
        "confidence",
        "coverage",
    }


def test_a_secret_is_taken_out_also_where_json_escapes_it() -> None:
    secret = 'to"ken\\x'
    text = f"plain {secret} and {json.dumps({'k': secret})}"
    assert "ken" not in without(text, (secret,))


def test_what_models_took_is_told_in_one_entry() -> None:
    verdict = CanaryVerdict("u", Verdict.PROMOTE, 80, usage={"tokensIn": 900.0, "costUsd": 0.25})
    assert json.loads(verdict_metadata(verdict)["usage"]) == {"tokensIn": 900.0, "costUsd": 0.25}
