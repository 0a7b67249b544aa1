"""Findings about counts: severities, HTTP status classes, and each template of a WARN or worse."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from ._defects import is_defect
from ._exposure import Exposure
from ._finding import Finding, Kind
from ._novelty import expected_new, novelty_p
from ._rate import rate_p
from ._table import SideTable, TemplateCount
from .parse import Severity

_PER_START = 2
_USUAL_DEFECTS = 0.5
"""New kinds of mistakes to be expected by chance: from there on one more is none of the canary's own."""

Counts = Mapping[tuple[str, Severity], TemplateCount]


def severity_findings(stable: Counts, canary: Counts, exposure: Exposure) -> Iterator[Finding]:
    """One for each of WARN, ERROR and FATAL that the canary shows at all."""
    for severity in (Severity.WARN, Severity.ERROR, Severity.FATAL):
        was, now = (
            [one for one in side.values() if one.template.severity == severity]
            for side in (stable, canary)
        )
        if now:
            finding = _counted(Kind.SEVERITY, severity.name, was, now, exposure)
            what = f"lines of severity {severity.name}"
            yield replace(_tested(finding, exposure), what=what, is_error=severity > Severity.WARN)


def status_findings(stable: Counts, canary: Counts, exposure: Exposure) -> Iterator[Finding]:
    """One for each of the HTTP status classes 4xx and 5xx that the canary shows at all."""
    for status in (4, 5):
        was, now = (
            [one for one in side.values() if one.template.status == status]
            for side in (stable, canary)
        )
        if now:
            finding = _counted(Kind.STATUS, f"{status}xx", was, now, exposure)
            what = f"lines that report an HTTP status {status}xx"
            yield replace(_tested(finding, exposure), what=what, is_error=status == 5)


def template_findings(stable: Counts, canary: Counts, exposure: Exposure) -> Iterator[Finding]:
    """One for each template of a WARN or worse that the canary shows: a rate, or a novelty."""
    grave = {key: one for key, one in canary.items() if key[1] >= Severity.WARN}
    yield from _known_templates(
        [(stable[key], grave[key]) for key in grave if key in stable], exposure
    )
    new = [one for key, one in grave.items() if key not in stable]
    # Types by how often stable shows them: what rare types a system has at all.
    rare = [one for key, one in stable.items() if key[1] >= Severity.WARN]
    rarity = Counter(one.count for one in rare)
    defects = Counter(one.count for one in rare if is_defect(one.template.text))
    yield from _new_templates(new, rarity, defects, exposure)


def without_starts(counts: Counts, stable: SideTable, canary: SideTable) -> Counts:
    """The canary's counts, less the warnings that are to be expected of its starts.

    What stable writes once or twice a start goes with starts, not with the work that was done. Errors are
    never excused so.
    """
    left: dict[tuple[str, Severity], TemplateCount] = {}
    for key, now in counts.items():
        was = stable.templates.get(key)
        times = now.count
        if was and key[1] is Severity.WARN and was.count <= _PER_START * stable.starts:
            times -= -(-was.count * canary.starts // stable.starts)
        if times > 0:
            left[key] = replace(now, count=times)
    return left


def _known_templates(
    pairs: list[tuple[TemplateCount, TemplateCount]], exposure: Exposure
) -> Iterator[Finding]:
    p_values = rate_p(
        [stable.count for stable, _ in pairs], [canary.count for _, canary in pairs], exposure.share
    )
    for (stable, canary), p in zip(pairs, p_values, strict=True):
        finding = _counted(Kind.RATE, canary.template.text, [stable], [canary], exposure)
        yield replace(finding, p=float(p))


def _new_templates(
    new: list[TemplateCount],
    rarity: Mapping[int, int],
    defects: Mapping[int, int],
    exposure: Exposure,
) -> Iterator[Finding]:
    counts = [one.count for one in new]
    usual = expected_new(1, defects, exposure.share)
    surprise = {
        times: (
            novelty_p(times, counts, rarity, exposure.share),
            expected_new(times, rarity, exposure.share),
        )
        for times in set(counts)
    }
    for one in new:
        p, expected = surprise[one.count]
        finding = _counted(Kind.NOVELTY, one.template.text, [], [one], exposure)
        defect = usual < _USUAL_DEFECTS and is_defect(one.template.text)
        yield replace(finding, p=p, expected=expected, is_defect=defect)


def _counted(
    kind: Kind,
    name: str,
    stable: list[TemplateCount],
    canary: list[TemplateCount],
    exposure: Exposure,
) -> Finding:
    counts = sum(one.count for one in stable), sum(one.count for one in canary)
    return Finding(
        kind=kind,
        name=name,
        what=name,
        stable=counts[0],
        canary=counts[1],
        ratio=exposure.ratio(*counts),
        is_error=any(one.template.severity >= Severity.ERROR for one in canary),
        stable_sample=_most_frequent(stable).sample if stable else None,
        canary_sample=_most_frequent(canary).sample,
    )


def _tested(finding: Finding, exposure: Exposure) -> Finding:
    p = rate_p([int(finding.stable)], [int(finding.canary)], exposure.share)
    return replace(finding, p=float(p[0]))


def _most_frequent(counted: list[TemplateCount]) -> TemplateCount:
    return min(counted, key=lambda one: (-one.count, one.template.text))
