"""The tests' formulas, checked against definitions and against how often they speak by chance."""

import doctest
import importlib
import pkgutil
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, false_discovery_control, mannwhitneyu, poisson

import canary_agent.evidence
import canary_agent.signatures
from canary_agent.evidence._exposure import Exposure, exposure
from canary_agent.evidence._fdr import q_values
from canary_agent.evidence._histogram import ZERO, Histogram
from canary_agent.evidence._latency import latency_test
from canary_agent.evidence._novelty import expected_new, novelty_p
from canary_agent.evidence._rate import rate_p
from canary_agent.evidence._span import Span
from canary_agent.evidence._table import SideTable

TableOf = Callable[[str], SideTable]

PACKAGES = [canary_agent.evidence, canary_agent.signatures]
MODULES = [
    "canary_agent.moments",
    "canary_verdict.redaction",
    *(
        module.name
        for package in PACKAGES
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ),
]


@pytest.mark.parametrize("name", MODULES)
def test_worked_examples_in_the_docstrings(name: str) -> None:
    module = importlib.import_module(name)
    examples = vars(module)
    assert doctest.testmod(module, extraglobs=dict(examples)).failed == 0


@given(st.integers(0, 500), st.integers(0, 500), st.floats(0.001, 0.999))
@settings(deadline=None, max_examples=60)
def test_the_rate_test_is_scipys_binomial_test(stable: int, canary: int, share: float) -> None:
    (p,) = rate_p([stable], [canary], share, tolerance=1)
    if stable + canary:
        oracle = binomtest(canary, stable + canary, share, alternative="greater").pvalue
        assert p == pytest.approx(oracle, rel=1e-6, abs=1e-12)
    else:
        assert p == 1


@given(st.integers(0, 200), st.integers(0, 200), st.floats(0.01, 0.99))
@settings(deadline=None, max_examples=60)
def test_one_more_error_never_looks_more_innocent(stable: int, canary: int, share: float) -> None:
    less, more = rate_p([stable, stable], [canary, canary + 1], share)
    assert more <= less + 1e-12


@given(st.integers(1, 30), st.floats(0.001, 50))
@settings(deadline=None, max_examples=40)
def test_the_novelty_test_is_scipys_poisson(new: int, rare: float) -> None:
    # With a share of nearly 1, `rare` types are expected, and share^1 is not the larger of the two.
    share = 0.999999
    p = novelty_p(1, [1] * new, {1: round(rare)}, share)
    assert p >= poisson.sf(new - 1, round(rare) * share) - 1e-12


def test_novelty_needs_more_than_stables_rare_types_explain() -> None:
    lonely = novelty_p(3, [3], {}, 0.05)
    usual = novelty_p(1, [1, 1], {1: 40}, 0.05)
    assert lonely == pytest.approx(0.05**3)
    assert usual > 0.5
    assert expected_new(1, {1: 40}, 0.05) == pytest.approx(2.0)


def test_new_types_are_as_frequent_by_chance_as_expected() -> None:
    rng = np.random.default_rng(7)
    share, types, found, expected = 0.2, 200, 0, 0.0
    for _ in range(200):
        canary = rng.poisson(0.8 * share, types)
        stable = rng.poisson(0.8 * (1 - share), types)
        found += int(np.sum((stable == 0) & (canary > 0)))
        counts = {times: int(np.sum(stable == times)) for times in range(1, 9)}
        expected += expected_new(1, counts, share)
    # The estimate leaves out what the types seen by chance on the canary would add to stable's.
    assert 0.5 < expected / found < 1.5


def test_q_values_are_benjamini_hochbergs_in_the_family_given() -> None:
    p_values = [0.04, 0.0001, 0.002]
    assert q_values(p_values, 20) == pytest.approx([0.04 * 20 / 3, 0.0001 * 20, 0.002 * 20 / 2])
    assert list(q_values([], 20)) == []
    assert q_values([0.001] * 30, 20) == pytest.approx([0.001] * 30)


def test_latencies_that_are_all_alike_say_nothing() -> None:
    same = Histogram.of([0.1] * 20)
    test = latency_test(same, same)
    assert test.p > 0.49
    assert (test.effect, test.ratio) == (0.5, 1.0)
    assert latency_test(Histogram.of([0.0] * 5), Histogram.of([0.0] * 5)).ratio == 1.0
    assert latency_test(Histogram.of([0.0] * 5), Histogram.of([1.0] * 5)).ratio > 1000


@given(
    st.lists(st.integers(0, 30), min_size=2, max_size=60),
    st.lists(st.integers(0, 30), min_size=2, max_size=60),
)
@settings(deadline=None, max_examples=60)
def test_the_latency_test_is_scipys_with_ties(stable: list[int], canary: list[int]) -> None:
    # Powers of two are apart by many bins, so that ties are the same before and after binning.
    was, now = ([2.0**value for value in side] for side in (stable, canary))
    test = latency_test(Histogram.of(was), Histogram.of(now))
    oracle = mannwhitneyu(now, was, alternative="greater", method="asymptotic")
    assert test.effect == pytest.approx(oracle.statistic / (len(was) * len(now)))
    if len({*was, *now}) > 1:
        assert test.p == pytest.approx(oracle.pvalue, rel=1e-9)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.integers(0, 60))
@settings(deadline=None, max_examples=60)
def test_q_values_are_scipys_over_the_whole_family(p_values: list[float], more: int) -> None:
    oracle = false_discovery_control([*p_values, *[1.0] * more])[: len(p_values)]
    assert q_values(p_values, len(p_values) + more) == pytest.approx(oracle)


def test_a_histogram_is_exact_to_half_a_percent_and_bounded() -> None:
    rng = np.random.default_rng(3)
    values = [0.0, *rng.lognormal(-3, 2, 60_000)]
    histogram = Histogram.of(float(value) for value in values)
    assert len(histogram) == 60_001
    assert len(histogram.bins()[0]) < 4200
    assert histogram.bins()[0][0] == ZERO
    assert histogram.median() == pytest.approx(np.median(values), rel=0.006)
    assert Histogram.of([1.0, 3.0]).median() == pytest.approx(2.0, rel=0.006)


def test_exposure_sets_aside_what_the_new_version_writes_twice(table_of: TableOf) -> None:
    stable = table_of("INFO served\n" * 950 + "INFO cached\n" * 475 + "INFO chatty\n" * 475)
    canary = table_of("INFO served\n" * 50 + "INFO cached\n" * 25 + "INFO chatty\n" * 300)
    shared = exposure(stable, canary)
    assert shared == Exposure(1425, 75)


def test_exposure_counts_no_faults_as_work(table_of: TableOf) -> None:
    shared = exposure(
        table_of("INFO served\n" * 95 + "ERROR x\n"),
        table_of("INFO served\n" * 5 + "ERROR x\n" * 500),
    )
    assert shared is not None
    assert shared.share == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("stable", "canary", "expected"),
    [
        ("INFO a\n" * 30, "INFO b\n" * 10, Exposure(30, 10)),
        ("ERROR a\n" * 30, "ERROR b\n" * 10, Exposure(30, 10)),
        ("INFO a\n", "", None),
    ],
)
def test_exposure_without_anything_in_common(
    table_of: TableOf, stable: str, canary: str, expected: Exposure | None
) -> None:
    assert exposure(table_of(stable), table_of(canary)) == expected


def test_exposure_keeps_all_when_nobody_can_say_what_is_usual(table_of: TableOf) -> None:
    stable = table_of("INFO a\n" * 900 + "INFO b\n" * 100)
    canary = table_of("INFO a\n" * 100 + "INFO b\n" * 900)
    assert exposure(stable, canary) == Exposure(1000, 1000)


@pytest.mark.parametrize(
    ("line", "later"),
    [
        ("2026-01-31T12:00:00Z x", "2026-01-31T12:00:30Z x"),
        ("2026/01/31 12:00:00 x", "2026/01/31 12:00:30 x"),
        ("[31/Jan/2026:12:00:00 +0000] x", "[31/Jan/2026:12:00:30 +0000] x"),
        ('{"ts":1700000000.5}', '{"ts":1700000030}'),
        ('{"time":1700000000123}', '{"time":1700000030123}'),
    ],
)
def test_logs_span_the_time_between_first_and_last_line(line: str, later: str) -> None:
    span = Span()
    list(
        span.watch([f"no time here\n{line}\n".encode(), b"x\n", f"{later}\n  at stack\n".encode()])
    )
    assert span.seconds == 30


def test_logs_without_times_span_nothing() -> None:
    span = Span()
    list(span.watch([b"x\n2026-99-99T12:00:00Z\n"]))
    assert span.seconds is None
