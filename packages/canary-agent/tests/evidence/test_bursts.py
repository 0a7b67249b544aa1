"""Lines that come in bursts weigh less, but only where times tell."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canary_agent.evidence._bursts import bursts_of, dispersion
from canary_agent.evidence._table import SideTable

TableOf = Callable[[str], SideTable]

EVEN = range(0, 600, 10)
BURSTS = [second for burst in (100, 300, 500) for second in [burst] * 20]


def log(errors: Iterable[int] = (), *, times: bool = True) -> str:
    lines = [(second, "INFO served") for second in range(600)]
    lines += [(second, "ERROR lost a connection") for second in errors]
    return "".join(
        (f"2026-01-31T12:{second // 60:02}:{second % 60:02}Z " if times else "") + f"{text}\n"
        for second, text in sorted(lines)
    )


def counts(stable: SideTable, canary: SideTable) -> tuple[float, float]:
    bursts = bursts_of(stable, canary)
    assert bursts is not None
    was, now = (
        [one for key, one in side.templates.items() if "lost" in key[0]]
        for side in (stable, canary)
    )
    return bursts.counts(was, now)


def test_even_errors_are_an_event_each(table_of: TableOf) -> None:
    assert counts(table_of(log(EVEN)), table_of(log(EVEN))) == (60, 60)


def test_stables_bursts_make_its_lines_and_the_canarys_weigh_less(table_of: TableOf) -> None:
    was, now = counts(table_of(log(BURSTS)), table_of(log(EVEN)))
    assert was == now
    assert was < 10


def test_the_canarys_own_bursts_excuse_nothing_that_stable_has_often(table_of: TableOf) -> None:
    assert counts(table_of(log(EVEN)), table_of(log(BURSTS))) == (60, 60)


def test_of_what_stable_hardly_has_the_blocks_count(table_of: TableOf) -> None:
    assert counts(table_of(log()), table_of(log(BURSTS))) == (0, 3)
    assert counts(table_of(log([7])), table_of(log(EVEN))) == (1, 60)


def test_how_lines_are_spread_over_pods_changes_nothing(table_of: TableOf) -> None:
    stable, canary = table_of(log(BURSTS)), table_of(log(EVEN))
    (key,) = (key for key in stable.templates if "lost" in key[0])
    whole = counts(stable, canary)
    seconds = stable.templates[key].seconds
    first = seconds.pop(0)
    for pod in range(3):
        seconds[pod] = type(first)({second: n for second, n in first.items() if second % 3 == pod})
    assert counts(stable, canary) == whole


@pytest.mark.parametrize("canary", [log(times=False), log()[:2000]], ids=["untimed", "short"])
def test_without_enough_times_nothing_is_known_of_bursts(table_of: TableOf, canary: str) -> None:
    assert bursts_of(table_of(log(EVEN)), table_of(canary)) is None


@given(st.lists(st.integers(0, 50), min_size=2, max_size=40), st.integers(1, 9))
@settings(deadline=None, max_examples=60)
def test_dispersion_grows_with_lines_that_come_together(counts: list[int], times: int) -> None:
    work = [7] * len(counts)
    phi = dispersion(counts, work)
    assert phi >= 1
    together = dispersion([count * times for count in counts], work)
    assert together >= phi - 1e-9
    if phi > 1:
        assert together == pytest.approx(phi * times)
