"""Findings about durations, one for each call site and field that both sides report often enough."""

from collections.abc import Iterator

from ._finding import Finding, Kind
from ._latency import latency_test
from ._table import SideTable

LEAST_VALUES = 10
"""Durations that each side must have of a call site to be compared."""

_MOST_TESTS = 200


def latency_findings(
    stable: SideTable, canary: SideTable, ignored: frozenset[str]
) -> Iterator[Finding]:
    """All but the call sites that are `ignored`.

    Compares at most 200 pairs of call site and field, the ones with the most values first.
    """
    common = [
        key
        for key, values in canary.latencies.items()
        if key[0] not in ignored
        and len(values) >= LEAST_VALUES
        and len(stable.latencies.get(key, ())) >= LEAST_VALUES
    ]
    common.sort(key=lambda key: (-len(canary.latencies[key]), key))
    samples = {
        side: {one.template.site: one.sample for one in table.templates.values()}
        for side, table in (("stable", stable), ("canary", canary))
    }
    for key in common[:_MOST_TESTS]:
        site, field = key
        test = latency_test(stable.latencies[key], canary.latencies[key])
        yield Finding(
            kind=Kind.LATENCY,
            name=site,
            what=f"{field} of: {site}",
            stable=test.stable_median,
            canary=test.canary_median,
            ratio=test.ratio,
            p=test.p,
            effect=test.effect,
            stable_sample=samples["stable"].get(site),
            canary_sample=samples["canary"].get(site),
        )
