"""Lines that come by the clock are compared by pods and time, all others by work."""

from collections.abc import Callable, Iterable
from random import Random

import pytest

from canary_agent.evidence._clock import by_clock, regular_p
from canary_agent.evidence._table import SideTable

TableOf = Callable[[str], SideTable]

PROBE = "WARN probe refused"


def log(times: Iterable[float], length: int = 600, requests: int = 600) -> str:
    """A pod's log of `length` seconds, with a probe at each of `times`."""
    lines = [(second * length / requests, "INFO served") for second in range(requests + 1)]
    lines += [(time, PROBE) for time in times]
    return "".join(
        f"2026-01-31T12:{int(at) // 60:02}:{int(at) % 60:02}Z {text}\n"
        for at, text in sorted(lines)
    )


def clocked(stable: SideTable, canary: SideTable) -> list[str]:
    return [key[0] for key in by_clock(stable, canary)]


EVERY_10_S = range(3, 600, 10)


def test_probes_are_by_the_clock_whatever_the_traffic(table_of: TableOf) -> None:
    quiet = table_of(log(EVERY_10_S, requests=20))
    assert clocked(table_of(log(EVERY_10_S)), quiet) == [f"<*> {PROBE}"]


def test_a_canary_that_is_younger_is_probed_less(table_of: TableOf) -> None:
    young = table_of(log(range(3, 100, 10), length=100, requests=10))
    assert clocked(table_of(log(EVERY_10_S)), young)
    hasty = table_of(log(range(3, 100, 4), length=100, requests=10))
    assert not clocked(table_of(log(EVERY_10_S)), hasty)


def test_what_comes_by_chance_is_not_by_the_clock(table_of: TableOf) -> None:
    chance = Random(1)
    stable = table_of(log(chance.uniform(0, 600) for _ in range(60)))
    assert not clocked(stable, table_of(log(EVERY_10_S, requests=20)))


def test_without_times_nothing_is_by_the_clock(table_of: TableOf) -> None:
    bare = table_of(f"INFO served\n{PROBE}\n" * 60)
    assert not clocked(bare, bare)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("mean", [0.6, 1, 2.5, 7, 30])
def test_chance_is_seldom_taken_for_regular(seed: int, mean: float) -> None:
    chance = Random(seed)
    p_values = []
    for _ in range(200):
        at, times = 0.0, []
        for _ in range(30):
            at += chance.expovariate(1 / mean)
            times.append(int(at))
        p_values.append(regular_p([times]))
    assert sum(p < 0.05 for p in p_values) <= 0.1 * len(p_values)
