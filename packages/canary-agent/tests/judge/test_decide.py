"""Weights of single findings, shortages, policies and votes."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise, product

import pytest

from canary_agent.collect import Gap
from canary_agent.evidence import Finding, Findings, Kind, PolicyError, SideSummary
from canary_agent.judge import (
    BY_SENSITIVITY,
    Evidence,
    Strength,
    Vote,
    VotingRules,
    decide,
    grade,
)
from canary_verdict import Policy, Verdict

ENOUGH = SideSummary(pods=1, containers=1, lines=500, usual_lines=500, seconds=600.0)
CRASH = Finding(Kind.HARD, "CrashLoopBackOff", "crashes again and again", 0, 1)


def findings(
    *items: Finding,
    stable: SideSummary = ENOUGH,
    canary: SideSummary = ENOUGH,
    gaps: Iterable[Gap] = (),
) -> Findings:
    return Findings(items, stable, canary, 0.05, tuple(gaps))


def rate(
    *, q: float = 0.001, p: float = 0.0001, ratio: float | None = 5.0, canary: int = 9
) -> Finding:
    return Finding(
        Kind.RATE, "ERROR x", "ERROR x", 9, canary, ratio, p, q, familywise_p=p, is_error=True
    )


def novelty(
    canary: int, expected: float, *, is_error: bool = True, is_defect: bool = False
) -> Finding:
    return Finding(
        Kind.NOVELTY, "ERROR y", "ERROR y", 0, canary, None, 0.4, 0.9, 0.9,
        expected=expected, is_error=is_error, is_defect=is_defect,
    )  # fmt: skip


def latency(
    *, p: float = 1e-6, q: float = 1e-5, effect: float = 0.9, ratio: float = 3.0, values: int = 50
) -> Finding:
    return Finding(
        Kind.LATENCY, "took", "took", 0.1, 0.3, ratio, p, q, p, effect=effect, values=values
    )


def tail(*, p: float = 1e-6, ratio: float = 3.0, canary: float = 0.3) -> Finding:
    return Finding(Kind.TAIL, "took", "took", 0.1, canary, ratio, p, 0.001, familywise_p=p)


def strength(finding: Finding, sensitivity: str = "normal") -> Strength:
    (graded,) = grade([finding], BY_SENSITIVITY[sensitivity], ())
    return graded.strength


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        (rate(), Strength.SIGNIFICANT),
        (rate(ratio=None), Strength.SIGNIFICANT),
        (rate(q=0.06, p=0.01), Strength.SUSPICIOUS),
        (rate(canary=2), Strength.SUSPICIOUS),
        (rate(ratio=1.9), Strength.NOTE),
        (rate(q=0.9, p=0.2), Strength.NOTE),
        (novelty(3, 0.2), Strength.SUSPICIOUS),
        (novelty(2, 0.2), Strength.NOTE),
        (novelty(3, 1.5), Strength.SUSPICIOUS),
        (novelty(1, 0.2, is_defect=True), Strength.SUSPICIOUS),
        (novelty(9, 0.2, is_error=False), Strength.NOTE),
        (latency(), Strength.SIGNIFICANT),
        (latency(p=0.01, q=0.04), Strength.SUSPICIOUS),
        (latency(values=9), Strength.SUSPICIOUS),
        (latency(effect=0.6), Strength.NOTE),
        (latency(ratio=1.2), Strength.NOTE),
        (latency(p=0.5, q=0.9), Strength.NOTE),
        (tail(), Strength.SUSPICIOUS),
        (tail(p=0.001), Strength.NOTE),
        (tail(ratio=1.9), Strength.NOTE),
        (tail(canary=0.104), Strength.NOTE),
        (Finding(Kind.STATE, "NotReady", "not ready"), Strength.SUSPICIOUS),
        (CRASH, Strength.HARD),
    ],
)
def test_the_weight_of_a_finding(finding: Finding, expected: Strength) -> None:
    assert strength(finding) is expected


def test_what_came_in_one_burst_rolls_nothing_back() -> None:
    assert strength(replace(rate(), burst_p=0.2)) is Strength.SUSPICIOUS
    assert strength(replace(rate(), burst_p=0.01)) is Strength.SIGNIFICANT


def test_new_errors_of_several_types_are_counted_together() -> None:
    one, two = novelty(1, 5.0), novelty(2, 5.0)
    graded = grade([one, two, novelty(9, 0.1, is_error=False)], BY_SENSITIVITY["low"], ())
    assert [each.strength for each in graded] == [
        Strength.SUSPICIOUS, Strength.SUSPICIOUS, Strength.NOTE
    ]  # fmt: skip
    assert strength(two, "high") is Strength.NOTE


def test_a_higher_sensitivity_never_weighs_less() -> None:
    order = list(Strength)
    grid = product((0.001, 0.03, 0.08, 0.2), (1.2, 1.6, 2.5, 4.0), (1, 2, 4, 9))
    for q, ratio, canary in grid:
        for finding in (rate(q=q, ratio=ratio, canary=canary), latency(q=q, ratio=ratio)):
            weights = [order.index(strength(finding, one)) for one in ("low", "normal", "high")]
            assert weights == sorted(weights, reverse=True)


def test_clean_evidence_promotes_with_the_confidence_of_its_lines() -> None:
    few = SideSummary(1, 1, 20, 20, 60.0)
    assert decide(findings(), Policy()).verdict is Verdict.PROMOTE
    confidences = [
        decide(findings(canary=SideSummary(1, 1, n, n, 60.0)), Policy()).confidence
        for n in (20, 45, 90, 9000)
    ]
    assert confidences == [64.2, 90.1, 97.0, 97.0]
    assert decide(findings(stable=few), Policy()).confidence == 64.2


@pytest.mark.parametrize(
    ("sample", "policy", "words"),
    [
        (findings(canary=SideSummary(0, 0, 0, 0, None)), Policy(), "no pod of the canary"),
        (findings(stable=SideSummary(0, 0, 0, 0, None)), Policy(), "no pod of stable"),
        (
            findings(canary=SideSummary(1, 1, 90, 19, 9.0)),
            Policy(),
            "wrote 19 lines besides errors",
        ),
        (findings(canary=SideSummary(1, 1, 0, 0, 9.0)), Policy(min_lines=0), "1 are asked for"),
        (findings(), Policy(min_lines=501), "501 are asked for"),
        (findings(), Policy(min_duration=601.0), "span 600 s; 601 s are asked for"),
        (
            findings(canary=SideSummary(1, 1, 500, 500, None)),
            Policy(min_duration=1.0),
            "carry no time",
        ),
        (findings(gaps=[Gap("the log x was not read")]), Policy(), "the log x was not read"),
    ],
)
def test_too_little_data_is_inconclusive(sample: Findings, policy: Policy, words: str) -> None:
    decision = decide(sample, policy)
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert decision.confidence == 0
    assert any(words in reason for reason in decision.shortages)


def test_too_little_data_does_not_excuse_what_is_evident() -> None:
    nothing = SideSummary(0, 0, 0, 0, None)
    assert decide(findings(CRASH, stable=nothing), Policy()).verdict is Verdict.ROLLBACK
    assert decide(findings(rate(), gaps=[Gap("x")]), Policy()).verdict is Verdict.ROLLBACK


def test_what_was_left_out_on_purpose_is_no_shortage() -> None:
    sample = findings(gaps=[Gap("pod of another rollout", blocking=False)])
    assert decide(sample, Policy(min_lines=1, min_duration=600.0)).verdict is Verdict.PROMOTE


def test_waived_evidence_is_shown_and_does_not_act() -> None:
    decision = decide(findings(CRASH), Policy(waive=("CrashLoopBackOff",)))
    assert decision.verdict is Verdict.PROMOTE
    assert [one.strength for one in decision.graded] == [Strength.WAIVED]


def test_waiving_does_not_reach_statistics_or_other_evidence() -> None:
    policy = Policy(waive=("CrashLoopBackOff", "NotReady"))
    assert decide(findings(rate()), policy).verdict is Verdict.ROLLBACK
    oom = Finding(Kind.HARD, "OOMKilled", "killed", 0, 1)
    assert decide(findings(CRASH, oom), policy).verdict is Verdict.ROLLBACK


def test_an_unknown_waiver_names_the_nearest() -> None:
    with pytest.raises(PolicyError, match="did you mean OOMKilled"):
        decide(findings(), Policy(waive=("OomKilled",)))
    with pytest.raises(PolicyError, match=r"allowed are ContainerConfigError"):
        decide(findings(), Policy(waive=("zzz",)))


def test_findings_are_sorted_by_strength_whatever_their_order() -> None:
    restarts = Finding(Kind.HARD, "Restarts", "restarts", 0, 3)
    items = [novelty(1, 5), latency(), restarts, rate(), CRASH, rate(q=0.3, p=0.05)]
    forwards = decide(findings(*items), Policy()).graded
    backwards = decide(findings(*reversed(items)), Policy()).graded
    assert forwards == backwards
    ranks = [list(Strength).index(one.strength) for one in forwards]
    assert all(first <= second for first, second in pairwise(ranks))
    assert [one.finding.name for one in forwards[:2]] == ["CrashLoopBackOff", "Restarts"]


def test_votes_make_a_verdict_stricter_only() -> None:
    note, against = rate(q=0.9, p=0.9, ratio=1.0), Verdict.ROLLBACK
    one = [Vote("a", against, ("e1",))]
    two = [*one, Vote("b", against, ("e1",))]
    praise = [Vote(name, Verdict.PROMOTE, ("e1",)) for name in "abc"]
    assert decide(findings(note), Policy(), one).verdict is Verdict.INCONCLUSIVE
    assert decide(findings(note), Policy(), two).verdict is Verdict.ROLLBACK
    assert decide(findings(CRASH), Policy(), praise).verdict is Verdict.ROLLBACK
    assert decide(findings(note, gaps=[Gap("x")]), Policy(), praise).verdict is Verdict.INCONCLUSIVE
    alone = decide(findings(note), Policy(), one, VotingRules(one_model_may_roll_back=True))
    assert (alone.verdict, alone.evidence) == (Verdict.ROLLBACK, Evidence.CLEAN)


def test_confidence_of_what_is_found() -> None:
    assert decide(findings(CRASH), Policy()).confidence == 99.0
    assert decide(findings(rate(q=0.02)), Policy()).confidence == 90.0
    assert decide(findings(rate(q=0.0005)), Policy()).confidence == 95.0
    assert decide(findings(rate(q=1e-9)), Policy()).confidence == 98.5
    assert decide(findings(rate(q=0.3, p=0.04)), Policy()).confidence == 70.0
    state = Finding(Kind.STATE, "NotReady", "not ready")
    assert decide(findings(state), Policy()).confidence == 10.0


@pytest.mark.parametrize(
    ("q", "is_error", "strength"),
    [
        (1e-3, True, Strength.SIGNIFICANT),
        (1e-3, False, Strength.SUSPICIOUS),
        (1e-6, False, Strength.SIGNIFICANT),
    ],
)
def test_warnings_want_more_proof_than_errors(
    *, q: float, is_error: bool, strength: Strength
) -> None:
    finding = replace(rate(q=q), is_error=is_error)
    assert grade([finding], BY_SENSITIVITY["normal"], ())[0].strength is strength
