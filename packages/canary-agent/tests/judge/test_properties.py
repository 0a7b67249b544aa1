"""What must hold for every pair: order and distribution do not matter, faults never help."""

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canary_verdict import CanaryVerdict, Policy, Verdict

Verdicts = Callable[..., CanaryVerdict]

BADNESS = [Verdict.PROMOTE, Verdict.INCONCLUSIVE, Verdict.ROLLBACK]
PROPERTY = settings(
    deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

USUAL = ["INFO served 7 took 12ms", "INFO cache hit", "WARN slow query", "INFO GET /x 200 3ms"]
TROUBLE = [
    "ERROR payment declined",
    "ERROR lost connection",
    "INFO GET /x 500 3ms",
    "ERROR boom\n  at frame one\n  at frame two",
]
FAULTS = [
    *TROUBLE,
    "ERROR never seen before",
    "Traceback (most recent call last):\n  File x\nKeyError: 'x'",
    "panic: boom\n\ngoroutine 1 [running]:",
    "FATAL no way on",
]


def lines_of(most_usual: int, most_trouble: int) -> st.SearchStrategy[list[str]]:
    """Records of one side: a number of each kind."""
    counts = st.tuples(
        *(st.integers(20, most_usual) for _ in USUAL),
        *(st.integers(0, most_trouble) for _ in TROUBLE),
    )
    return counts.map(
        lambda numbers: [
            line
            for line, number in zip(USUAL + TROUBLE, numbers, strict=True)
            for _ in range(number)
        ]
    )


STABLE, CANARY = lines_of(300, 20), lines_of(60, 4)


def text(lines: Sequence[str]) -> str:
    return "".join(line + "\n" for line in lines)


def gist(verdict: CanaryVerdict) -> object:
    """All of a verdict but the sample lines, which are one of many."""
    items = [(one.kind, one.what, one.strength, one.p, one.q) for one in verdict.evidence]
    return verdict.verdict, verdict.confidence, verdict.root_cause, items


@given(STABLE, CANARY, st.randoms(use_true_random=False), st.integers(2, 5))
@PROPERTY
def test_order_and_distribution_over_pods_change_no_verdict(
    verdict_of: Verdicts, stable: list[str], canary: list[str], random: Random, pods: int
) -> None:
    whole = gist(verdict_of(text(stable), text(canary)))
    shuffled = random.sample(canary, len(canary))
    assert gist(verdict_of(text(stable), text(shuffled))) == whole
    split = {f"canary-{pod}": text(shuffled[pod::pods]) for pod in range(pods)}
    names = random.sample(sorted(split), pods)
    assert gist(verdict_of(text(stable), {name: split[name] for name in names})) == whole


@given(STABLE, CANARY, st.lists(st.sampled_from(FAULTS), min_size=1, max_size=30))
@PROPERTY
def test_adding_faults_never_moves_towards_promote(
    verdict_of: Verdicts, stable: list[str], canary: list[str], faults: list[str]
) -> None:
    before = verdict_of(text(stable), text(canary)).verdict
    after = verdict_of(text(stable), text(canary + faults)).verdict
    assert BADNESS.index(after) >= BADNESS.index(before)


NEW_ERRORS = [
    "ERROR never seen before",
    "ERROR nor this",
    "INFO PUT /new 503 3ms",
    "E0131 12:00:00.1 1 a.go:9] gone",
    '{"level":"error","msg":"lost"}',
    "ERROR boom\njava.net.SocketTimeoutException: x\n\tat a.B.c(B.java:1)",
]


@given(
    STABLE,
    CANARY,
    st.lists(st.sampled_from(NEW_ERRORS), min_size=3, max_size=6),
    st.sampled_from(["low", "normal", "high"]),
)
@PROPERTY
def test_three_new_error_lines_are_never_promoted(
    verdict_of: Verdicts,
    stable: list[str],
    canary: list[str],
    errors: list[str],
    sensitivity: Literal["low", "normal", "high"],
) -> None:
    # Singletons on stable lead to expect new ones on the canary: three lines are three lines all the same.
    rare = [f"ERROR rare trouble {letter}" for letter in "abcdefghij"]
    policy = Policy(sensitivity=sensitivity)
    verdict = verdict_of(text([*stable, *rare]), text(canary + errors), policy)
    assert verdict.verdict is not Verdict.PROMOTE


@given(STABLE, CANARY, st.sampled_from(["KeyError: 'x'", "TypeError: x is not a function"]))
@PROPERTY
def test_one_new_mistake_in_the_code_is_never_promoted(
    verdict_of: Verdicts, stable: list[str], canary: list[str], error: str
) -> None:
    verdict = verdict_of(text(stable), text([*canary, f"ERROR request failed: {error}"]))
    assert verdict.verdict is not Verdict.PROMOTE


@given(CANARY, st.lists(st.text(max_size=60), max_size=30))
@PROPERTY
def test_no_text_turns_a_crash_into_a_promotion(
    verdict_of: Verdicts, canary: list[str], texts: list[str]
) -> None:
    crash = "INFO before\npanic: boom\n\ngoroutine 1 [running]:\nINFO after"
    words = [one.encode("utf-8", "replace").decode() for one in texts]
    verdict = verdict_of(text(canary * 5), text([*words, "", "INFO x", crash, *words, *canary]))
    assert verdict.verdict is Verdict.ROLLBACK


@given(st.lists(st.integers(20, 60), min_size=4, max_size=4), st.integers(1, 6), st.integers(1, 6))
@PROPERTY
def test_swapping_two_healthy_sides_rolls_nothing_back(
    verdict_of: Verdicts, mix: list[int], stable: int, canary: int
) -> None:
    base = [line for line, number in zip(USUAL, mix, strict=True) for _ in range(number)]
    sides = text(base * stable), text(base * canary)
    assert verdict_of(*sides).verdict is Verdict.PROMOTE
    assert verdict_of(*reversed(sides)).verdict is Verdict.PROMOTE


@pytest.mark.parametrize("seed", range(6))
def test_swapping_healthy_sides_with_noise_rolls_nothing_back(
    verdict_of: Verdicts, traffic: Callable[..., object], seed: int
) -> None:
    sides = traffic(seed, 1).log(600), traffic(seed, 2).log(200)  # type: ignore[attr-defined]
    verdicts = {verdict_of(*sides).verdict, verdict_of(*reversed(sides)).verdict}
    assert Verdict.ROLLBACK not in verdicts


def timed(lines: Sequence[str], random: Random) -> str:
    """The same lines, spread over ten minutes at random."""
    seconds = sorted(random.randrange(600) for _ in lines)
    return "".join(
        f"2026-01-31T12:{second // 60:02}:{second % 60:02}Z {line}\n"
        for second, line in zip(seconds, random.sample(lines, len(lines)), strict=True)
    )


@given(STABLE, CANARY, st.lists(st.sampled_from(FAULTS), max_size=9), st.data())
@PROPERTY
def test_with_times_neither_distribution_nor_more_faults_help(
    verdict_of: Verdicts,
    stable: list[str],
    canary: list[str],
    faults: list[str],
    data: st.DataObject,
) -> None:
    random = data.draw(st.randoms(use_true_random=False))
    before, log = timed(stable, random), timed(canary, random)
    verdict = verdict_of(before, log)
    records = re.findall(r"2026.*\n(?:(?!2026).*\n)*", log)
    halves = {f"canary-{pod}": "".join(records[pod::2]) for pod in range(2)}
    assert verdict_of(before, halves).verdict is verdict.verdict
    worse = verdict_of(before, log + timed(faults, random)).verdict
    assert BADNESS.index(worse) >= BADNESS.index(verdict.verdict)


@given(
    STABLE, CANARY, st.lists(st.sampled_from(FAULTS), min_size=1, max_size=30), st.integers(2, 6)
)
@PROPERTY
def test_more_of_the_same_never_turns_a_rollback_into_a_promotion(
    verdict_of: Verdicts, stable: list[str], canary: list[str], faults: list[str], times: int
) -> None:
    once = verdict_of(text(stable), text(canary + faults)).verdict
    more = verdict_of(text(stable * times), text((canary + faults) * times)).verdict
    assert not (once is Verdict.ROLLBACK and more is Verdict.PROMOTE)
