from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from canary_verdict import (
    VERDICT_SCHEMA,
    CanaryVerdict,
    ContractError,
    Coverage,
    EvidenceItem,
    ModelResult,
    Sample,
    Timeline,
    TimelineMark,
    TimelineSide,
    Verdict,
    clip,
    load_schema,
    parse_verdict,
)

UID = "u-1"
MINIMAL: dict[str, Any] = {"runUid": UID, "verdict": "promote", "confidence": 87.0}

counts = st.none() | st.integers(0, 10**9).map(float)
shares = st.none() | st.floats(0, 1)
samples = st.none() | st.builds(
    Sample, line=st.text(max_size=50), pod=st.text(max_size=20), time=st.text(max_size=30)
)


def _sides(steps: int) -> st.SearchStrategy[TimelineSide]:
    numbers = st.lists(st.integers(0, 10**9), min_size=steps, max_size=steps).map(tuple)
    return st.builds(TimelineSide, *[numbers] * 4, untimed=st.integers(0, 10**9))


timelines = st.integers(1, 60).flatmap(
    lambda steps: st.builds(
        Timeline,
        start=st.datetimes(datetime(1970, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - zoned there
        step=st.floats(1, 3600),
        stable=_sides(steps),
        canary=_sides(steps),
        marks=st.lists(
            st.builds(
                TimelineMark,
                at=st.floats(0, 86_400),
                side=st.sampled_from(["stable", "canary"]),
                kind=st.sampled_from(["restart", "event"]),
                what=st.text(max_size=20),
            ),
            max_size=3,
        ).map(tuple),
    )
)
verdicts = st.builds(
    CanaryVerdict,
    run_uid=st.just(UID),
    verdict=st.sampled_from(Verdict),
    confidence=st.floats(1, 100),
    analysis=st.text(max_size=100),
    root_cause=st.text(max_size=100),
    remediation=st.text(max_size=100),
    evidence=st.lists(
        st.builds(
            EvidenceItem,
            id=st.text(max_size=5),
            kind=st.text(max_size=5),
            what=st.text(max_size=50),
            strength=st.text(max_size=5),
            stable=counts,
            canary=counts,
            ratio=counts,
            p=shares,
            q=shares,
            stable_sample=samples,
            canary_sample=samples,
            stable_rate=counts,
            canary_rate=counts,
        ),
        max_size=3,
    ).map(tuple),
    coverage=st.builds(
        Coverage,
        pods=st.integers(0, 100),
        lines=st.integers(0, 10**9),
        truncated=st.booleans(),
        gaps=st.lists(st.text(max_size=20), max_size=3).map(tuple),
    ),
    model_results=st.lists(
        st.builds(ModelResult, model_name=st.text(max_size=5), confidence=st.floats(0, 100)),
        max_size=2,
    ).map(tuple),
    usage=st.dictionaries(st.text(max_size=5), st.floats(0, 1000), max_size=3),
    timeline=st.none() | timelines,
    report_link=st.text(max_size=50),
)


@given(verdicts)
@settings(deadline=None)
def test_what_is_written_is_read_again_and_keeps_the_schema(verdict: CanaryVerdict) -> None:
    document = verdict.to_json()
    assert parse_verdict(document, UID) == verdict
    Draft202012Validator(load_schema(VERDICT_SCHEMA)).validate(document)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"runUid": "u-2"}, "runUid"),
        ({"runUid": None}, "runUid"),
        ({"verdict": None}, "verdict"),
        ({"verdict": "Promote"}, "verdict"),
        ({"verdict": "promote it"}, "verdict"),
        ({"verdict": True}, "verdict"),
        ({"confidence": None}, "confidence"),
        ({"confidence": 101}, "confidence"),
        ({"confidence": -0.1}, "confidence"),
        ({"confidence": "NaN"}, "confidence"),
        ({"confidence": float("nan")}, "confidence"),
        ({"confidence": True}, "confidence"),
        ({"promote": False}, "promote"),
        ({"verdict": "rollback", "promote": True}, "promote"),
        ({"schemaVersion": "2"}, "schemaVersion"),
        ({"schemaVersion": 1}, "schemaVersion"),
        ({"evidence": "none"}, "evidence"),
        ({"evidence": [{"p": 1.5}]}, "evidence[0].p"),
        ({"evidence": [{"canaryRate": -1}]}, "evidence[0].canaryRate"),
        ({"coverage": {"pods": -1}}, "coverage.pods"),
        ({"usage": {"tokens": "many"}}, "usage.tokens"),
    ],
)
def test_what_decides_is_read_strictly(change: dict[str, object], path: str) -> None:
    with pytest.raises(ContractError) as caught:
        parse_verdict(MINIMAL | change, UID)
    assert caught.value.path == path


@pytest.mark.parametrize(
    "change",
    [
        {"confidence": 0},
        {"confidence": 0, "verdict": "inconclusive", "analysis": "Unable to parse the answer"},
    ],
)
def test_a_verdict_that_the_agent_could_not_read_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ContractError, match="nobody vouches for"):
        parse_verdict(MINIMAL | change, UID)


def test_an_honest_zero_is_no_error() -> None:
    verdict = parse_verdict(MINIMAL | {"confidence": 0, "verdict": "inconclusive"}, UID)
    assert verdict.confidence == 0


def test_prose_that_is_too_long_is_cut_and_marked() -> None:
    verdict = parse_verdict(MINIMAL | {"analysis": "x" * 100_000}, UID)
    assert len(verdict.analysis) == 16_384
    assert verdict.analysis.endswith("[…]")


def test_more_evidence_than_anyone_reads_is_cut() -> None:
    verdict = parse_verdict(MINIMAL | {"evidence": [{"id": str(n)} for n in range(500)]}, UID)
    assert len(verdict.evidence) == 200


def test_evidence_of_an_agent_that_tells_no_rates_and_times_is_read() -> None:
    item = {"id": "e1", "stable": 3, "canarySample": {"line": "x", "pod": "p", "container": "c"}}
    (read,) = parse_verdict(MINIMAL | {"evidence": [item]}, UID).evidence
    assert (read.stable_rate, read.canary_rate) == (None, None)
    document = read.to_json()
    assert document["canarySample"] == item["canarySample"]
    assert not {"stableRate", "canaryRate"} & document.keys()


def test_clip_leaves_short_text_alone() -> None:
    assert clip("short", 10) == "short"
    assert clip("x" * 11, 10) == "xxxxxx […]"


TIMELINE: dict[str, Any] = Timeline(datetime(2026, 1, 31, tzinfo=UTC), 10.0).to_json()


@pytest.mark.parametrize(
    "change",
    [
        {"start": "yesterday"},
        {"start": "2026-01-31T12:00:00"},
        {"stepSeconds": 0},
        {"stepSeconds": None},
        {"stable": {"info": [1], "warn": [], "error": [], "fatal": []}},
        {"canary": {"info": [1], "warn": [1], "error": [1], "fatal": [1]}},
        {"stable": {"info": [0.5], "warn": [0], "error": [0], "fatal": [0]}},
        {"stable": {name: [0] * 61 for name in ("info", "warn", "error", "fatal")}},
        {"marks": [{"at": -1}]},
    ],
)
def test_a_malformed_timeline_is_left_out_and_the_verdict_unharmed(
    change: dict[str, object],
) -> None:
    read = parse_verdict({**MINIMAL, "timeline": {**TIMELINE, **change}}, UID)
    assert (read.timeline, read.confidence) == (None, 87.0)


def test_a_timeline_keeps_its_bounds() -> None:
    marks = [{"at": at, "side": "canary", "kind": "event", "what": "x" * 999} for at in range(99)]
    read = parse_verdict({**MINIMAL, "timeline": {**TIMELINE, "marks": marks}}, UID)
    assert read.timeline is not None
    assert len(read.timeline.marks) == 40
    assert len(read.timeline.marks[0].what) == 400
