"""Findings about durations, for each call site, status class and field that both sides report often enough."""

from collections.abc import Iterator

from ._finding import Finding, Kind
from ._histogram import Histogram
from ._latency import latency_test
from ._table import SampleLine, SideTable, Timed
from ._tail import tail_test

LEAST_VALUES = 10
"""Durations that each side must have of a call site to be compared."""

_LEAST_OF_CANARY = 5
"""The canary may have as few: those of one that has 1 % of the work come to no more."""

_MOST_TESTS = 200

Sample = SampleLine | None


def latency_findings(
    stable: SideTable, canary: SideTable, ignored: frozenset[str]
) -> Iterator[Finding]:
    """All but the call sites that are `ignored`.

    Compares at most 200 of what both have timed, that with the most values first.
    """
    common = [
        key
        for key, values in canary.latencies.items()
        if key.site not in ignored
        and len(values) >= _LEAST_OF_CANARY
        and len(stable.latencies.get(key, ())) >= LEAST_VALUES
    ]
    common.sort(key=lambda key: (-len(canary.latencies[key]), key))
    samples = _samples(stable), _samples(canary)
    for key in common[:_MOST_TESTS]:
        shown = samples[0].get(key[:2]), samples[1].get(key[:2])
        yield from _compared(key, stable.latencies[key], canary.latencies[key], shown)


def _samples(side: SideTable) -> dict[tuple[str, int], SampleLine]:
    return {(one.template.site, one.template.status): one.sample for one in side.templates.values()}


def _compared(
    key: Timed, stable: Histogram, canary: Histogram, samples: tuple[Sample, Sample]
) -> Iterator[Finding]:
    name = f"{key.site} [{key.status}xx]" if key.status else key.site
    test = latency_test(stable, canary)
    yield Finding(
        kind=Kind.LATENCY,
        name=name,
        what=f"{key.field} of: {name}",
        stable=test.stable_median,
        canary=test.canary_median,
        ratio=test.ratio,
        p=test.p,
        effect=test.effect,
        values=len(canary),
        stable_sample=samples[0],
        canary_sample=samples[1],
    )
    tail = tail_test(stable, canary)
    yield Finding(
        kind=Kind.TAIL,
        name=name,
        what=f"the slowest tenth of {key.field} of: {name}",
        stable=tail.stable,
        canary=tail.canary,
        ratio=tail.ratio,
        p=tail.p,
        values=len(canary),
        stable_sample=samples[0],
        canary_sample=samples[1],
    )
