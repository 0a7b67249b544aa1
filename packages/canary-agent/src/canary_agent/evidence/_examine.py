"""From a sample to findings: reads both sides once, runs every test, controls them together."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from canary_agent.collect import Gap, Sample, Side

from ._accepted import accepted_keys
from ._bursts import bursts_of
from ._clock import by_clock
from ._control import Candidates, controlled
from ._counts import Scale, severity_findings, status_findings, template_findings, without_starts
from ._crashes import crash_findings
from ._exposure import Exposure, exposure
from ._finding import Finding, Findings, SideSummary
from ._hard import hard_findings
from ._read import read_side
from ._restarts import restart_findings
from ._sites import site_findings
from ._slow import LEAST_VALUES, latency_findings
from ._table import SampleLine, SideTable
from ._timeline import timeline_of
from ._usual import usual_keys
from ._variables import join_variables
from .parse import Severity

_MOST_NEWS = 200
_PER = 1000  # comparable records, by which rates are told


def examine(sample: Sample, accepted: Sequence[str], cancelled: Callable[[], bool]) -> Findings:
    """All that logs, pods and events say about the canary in comparison with stable.

    Args:
        sample: both sides.
        accepted: templates or regular expressions of lines that no test counts. Hard evidence
            is not theirs to take away.
        cancelled: asked often.

    Raises:
        Cancelled: `cancelled` said so.
        PolicyError: an accepted expression cannot be followed.
    """
    # Loads polars: here, so that a process that only imports the agent does without it.
    from .parse._observe import Parser  # noqa: PLC0415

    parser = Parser()
    stable = read_side(sample.stable, parser, cancelled)
    canary = read_side(sample.canary, parser, cancelled)
    baseline = read_side(sample.baseline, parser, cancelled)
    join_variables((stable, canary, baseline))
    ignored = accepted_keys(accepted, (stable, canary))
    usual = usual_keys(baseline, stable, canary)
    shared = exposure(stable, canary)
    findings = [
        *hard_findings(sample.stable, sample.canary),
        *restart_findings(sample.stable, sample.canary, stable, canary, parser),
        *crash_findings(stable, canary),
    ]
    if shared:
        findings += _tests(stable, canary, ignored | usual, shared)
    return Findings(
        items=tuple(controlled(findings, _candidates(stable, ignored))),
        stable=_summary(sample.stable, stable),
        canary=_summary(sample.canary, canary),
        canary_share=shared.share if shared else None,
        gaps=sample.gaps + _unread("stable", stable) + _unread("canary", canary),
        truncated=stable.truncated or canary.truncated,
        news=_news(stable, canary, ignored),
        traffic=sample.traffic,
        accepted=tuple(sorted(key[0] for key in ignored if key[1] >= Severity.WARN)),
        usual=tuple(sorted(key[0] for key in usual)),
        timeline=timeline_of(sample, stable.times, canary.times),
    )


def _tests(
    stable: SideTable,
    canary: SideTable,
    ignored: set[tuple[str, Severity]],
    shared: Exposure,
) -> list[Finding]:
    sites = frozenset(
        side.templates[key].template.site
        for side in (stable, canary)
        for key in ignored & side.templates.keys()
    )
    counts = stable.without(ignored), canary.without(ignored)
    clocked = ignored | by_clock(stable, canary)
    working = stable.without(clocked), without_starts(canary.without(clocked), stable, canary)
    scale = Scale(shared, bursts_of(stable, canary))
    counted = [
        *severity_findings(*working, scale),
        *status_findings(*working, scale),
        *template_findings(*working, scale),
        *site_findings(*counts, shared.share),
    ]
    rated = [_with_rates(finding, shared) for finding in counted]
    return [*rated, *latency_findings(stable, canary, sites)]


def _with_rates(finding: Finding, shared: Exposure) -> Finding:
    return replace(
        finding,
        stable_rate=_PER * finding.stable / shared.stable,
        canary_rate=_PER * finding.canary / shared.canary,
    )


def _candidates(stable: SideTable, ignored: set[tuple[str, Severity]]) -> Candidates:
    return Candidates(
        templates=sum(key[1] >= Severity.WARN for key in stable.without(ignored)),
        latencies=sum(len(values) >= LEAST_VALUES for values in stable.latencies.values()),
        sites=sum(key[1] < Severity.WARN for key in stable.without(ignored)),
    )


def _news(
    stable: SideTable, canary: SideTable, ignored: set[tuple[str, Severity]]
) -> tuple[SampleLine, ...]:
    """Lines of templates that only the canary has, the gravest first: they may say why a pod ended."""
    new = {
        key: one
        for key, one in canary.templates.items()
        if key not in stable.templates and key not in ignored
    }
    ordered = sorted(new, key=lambda key: (-key[1], new[key].count, key))
    return tuple(new[key].sample for key in ordered[:_MOST_NEWS])


def _summary(side: Side, table: SideTable) -> SideSummary:
    return SideSummary(
        pods=len(side.pod_names),
        containers=table.containers,
        lines=table.lines,
        usual_lines=table.lines_below(Severity.ERROR),
        seconds=table.seconds,
    )


def _unread(name: str, table: SideTable) -> tuple[Gap, ...]:
    return tuple(Gap(f"{name}: the log {what} was not read") for what in table.unread)
