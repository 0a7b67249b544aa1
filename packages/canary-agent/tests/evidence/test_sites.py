"""Call sites below WARN that the canary no longer writes, or writes far more often."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from canary_agent.evidence import Kind
from canary_agent.evidence._sites import site_findings, surged_p, vanished_p
from canary_agent.evidence._table import SideTable

TableOf = Callable[[str], SideTable]


@given(st.integers(1, 400), st.integers(1, 400), st.floats(0.01, 0.99))
@settings(deadline=None, max_examples=60)
def test_both_tails_are_scipys_binomial(stable: int, canary: int, share: float) -> None:
    total = stable + canary
    assert vanished_p(stable, canary, share) == pytest.approx(
        binom.cdf(canary, total, share), rel=1e-6, abs=1e-12
    )
    assert surged_p(stable, canary, share) == pytest.approx(
        binom.sf(canary - 1, total, share), rel=1e-6, abs=1e-12
    )


@pytest.mark.parametrize(
    ("canary", "kinds"),
    [
        ("INFO served\n" * 50, [Kind.VANISHED]),
        ("INFO served\n" * 50 + "INFO stored order\n" * 10, [Kind.VANISHED]),
        ("INFO served\n" * 50 + "INFO stored order\n" * 11, []),
        ("INFO served\n" * 50 + "INFO stored an order\n" * 45, []),  # reworded
        ("INFO served\n" * 50 + "INFO all is otherwise\n" * 45, [Kind.VANISHED]),
        ("INFO served\n" * 400 + "INFO stored order\n" * 50, [Kind.SURGED]),
        ("INFO served\n" * 140 + "INFO stored order\n" * 50, []),
    ],
)
def test_what_vanishes_or_surges(table_of: TableOf, canary: str, kinds: list[Kind]) -> None:
    stable = table_of("INFO served\n" * 950 + "INFO stored order\n" * 950)
    found = list(site_findings(stable.templates, table_of(canary).templates, 0.05))
    assert [one.kind for one in found] == kinds
    assert all(one.p is not None and one.p < 1e-6 for one in found)


def test_rare_lines_do_not_vanish(table_of: TableOf) -> None:
    stable = table_of("INFO served\n" * 950 + "INFO stored order\n" * 100)
    canary = table_of("INFO served\n" * 50)
    assert list(site_findings(stable.templates, canary.templates, 0.05)) == []
