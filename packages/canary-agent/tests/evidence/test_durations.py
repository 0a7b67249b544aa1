"""Durations: what is slower, and what only looks so."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from canary_agent.evidence._finding import Finding, Kind
from canary_agent.evidence._histogram import Histogram
from canary_agent.evidence._latency import latency_test
from canary_agent.evidence._slow import latency_findings
from canary_agent.evidence._table import SideTable
from canary_agent.evidence._tail import tail_test

TableOf = Callable[[str], SideTable]


def requests(*, good: int = 0, refused: int = 0, milliseconds: int = 20) -> str:
    return (
        f"INFO POST /checkout status=200 duration={milliseconds}ms\n" * good
        + "INFO POST /checkout status=409 duration=0.2ms\n" * refused
    )


def findings_of(table_of: TableOf, stable: str, canary: str) -> dict[tuple[Kind, str], Finding]:
    found = latency_findings(table_of(stable), table_of(canary), frozenset())
    return {(one.kind, one.name[-5:]): one for one in found}


def test_more_answers_and_fewer_refusals_are_not_slower(table_of: TableOf) -> None:
    found = findings_of(table_of, requests(good=50, refused=200), requests(good=200, refused=50))
    assert {one.ratio for one in found.values()} == {1.0}
    assert min(one.p or 0 for one in found.values()) > 0.3


def test_slow_answers_are_found_among_many_fast_refusals(table_of: TableOf) -> None:
    slow = requests(good=50, refused=200, milliseconds=60)
    found = findings_of(table_of, requests(good=50, refused=200), slow)
    answers = found[Kind.LATENCY, "[2xx]"]
    assert answers.ratio == pytest.approx(3, rel=0.02)
    assert answers.p is not None
    assert answers.p < 1e-9
    assert found[Kind.LATENCY, "[4xx]"].ratio == 1


def test_a_mix_with_more_of_the_slow_kind_has_pairs_that_are_alike() -> None:
    stable = Histogram.of([0.001] * 60 + [0.1] * 40)
    canary = Histogram.of([0.001] * 45 + [0.1] * 55)
    test = latency_test(stable, canary)
    assert test.canary_median / test.stable_median > 50
    assert test.ratio == 1


@given(
    st.lists(st.floats(0, 100), min_size=1, max_size=40),
    st.lists(st.floats(0, 100), min_size=1, max_size=40),
)
@settings(deadline=None, max_examples=60)
def test_the_pairs_ratio_turns_round_with_the_sides(was: list[float], now: list[float]) -> None:
    stable, canary = Histogram.of(was), Histogram.of(now)
    forwards, back = latency_test(stable, canary).ratio, latency_test(canary, stable).ratio
    assert forwards > 0
    # With an even number of pairs the lower of the two in the middle is taken.
    assert forwards * back <= 1 + 1e-9


def test_a_slow_kind_of_request_is_found_though_the_median_stays() -> None:
    stable = Histogram.of([0.001] * 160 + [0.05] * 40)
    canary = Histogram.of([0.001] * 40 + [0.4] * 10)
    assert latency_test(stable, canary).effect < 0.65
    tail = tail_test(stable, canary)
    assert tail.p < 1e-4
    assert tail.ratio == pytest.approx(8, rel=0.02)


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=60),
    st.lists(st.integers(1, 30), min_size=1, max_size=60),
)
@settings(deadline=None, max_examples=60)
def test_the_tail_is_scipys_hypergeometric(was: list[int], now: list[int]) -> None:
    p = tail_test(Histogram.of(was), Histogram.of(now)).p
    both = sorted([*was, *now], reverse=True)
    most = max(1, len(both) // 10)
    # As many of the longest as do not tie with the next one, at least those that tie for the first place.
    longest = max(
        (k for k in range(1, most + 1) if k == len(both) or both[k] < both[k - 1]), default=0
    )
    longest = longest or both.count(both[0])
    of_canary = sum(value in both[:longest] for value in now)
    if longest == len(both):
        assert p == 1
    else:
        oracle = hypergeom.sf(of_canary - 1, len(both), len(now), longest)
        assert p == pytest.approx(oracle, rel=1e-6, abs=1e-12)
