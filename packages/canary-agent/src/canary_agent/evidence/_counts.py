"""Findings about counts: severities, HTTP status classes, and each template of a WARN or worse."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ._bursts import Bursts
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


@dataclass(frozen=True, slots=True)
class Scale:
    """What counts are compared by: each side's part of the work, and bursts where times tell of them."""

    exposure: Exposure
    bursts: Bursts | None = None

    @property
    def share(self) -> float:
        """The canary's part of the comparable records."""
        return self.exposure.share

    def burst_p(
        self, stable: Sequence[TemplateCount], canary: Sequence[TemplateCount]
    ) -> float | None:
        """The rate test's p where bursts are allowed for; None where nothing is known of them."""
        if self.bursts is None:
            return None
        was, now = self.bursts.counts(stable, canary)
        return float(rate_p([was], [now], self.share)[0])


def severity_findings(stable: Counts, canary: Counts, scale: Scale) -> Iterator[Finding]:
    """One for each of WARN, ERROR and FATAL that the canary shows at all."""
    for severity in (Severity.WARN, Severity.ERROR, Severity.FATAL):
        was, now = (
            [one for one in side.values() if one.template.severity == severity]
            for side in (stable, canary)
        )
        if now:
            finding = _tested(Kind.SEVERITY, severity.name, was, now, scale)
            what = f"lines of severity {severity.name}"
            yield replace(finding, what=what, is_error=severity > Severity.WARN)


def status_findings(stable: Counts, canary: Counts, scale: Scale) -> Iterator[Finding]:
    """One for each of the HTTP status classes 4xx and 5xx that the canary shows at all."""
    for status in (4, 5):
        was, now = (
            [one for one in side.values() if one.template.status == status]
            for side in (stable, canary)
        )
        if now:
            finding = _tested(Kind.STATUS, f"{status}xx", was, now, scale)
            what = f"lines that report an HTTP status {status}xx"
            yield replace(finding, what=what, is_error=status == 5)


def template_findings(stable: Counts, canary: Counts, scale: Scale) -> Iterator[Finding]:
    """One for each template of a WARN or worse that the canary shows: a rate, or a novelty."""
    grave = {key: one for key, one in canary.items() if key[1] >= Severity.WARN}
    yield from _known_templates(
        [(stable[key], grave[key]) for key in grave if key in stable], scale
    )
    new = [one for key, one in grave.items() if key not in stable]
    known = [one for key, one in stable.items() if key[1] >= Severity.WARN]
    yield from _new_templates(new, known, scale)


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
    pairs: list[tuple[TemplateCount, TemplateCount]], scale: Scale
) -> Iterator[Finding]:
    p_values = rate_p(
        [stable.count for stable, _ in pairs], [canary.count for _, canary in pairs], scale.share
    )
    for (stable, canary), p in zip(pairs, p_values, strict=True):
        finding = _counted(Kind.RATE, canary.template.text, [stable], [canary], scale)
        yield replace(finding, p=float(p), burst_p=scale.burst_p([stable], [canary]))


def _new_templates(
    new: list[TemplateCount], known: list[TemplateCount], scale: Scale
) -> Iterator[Finding]:
    # Types by how often stable shows them: what rare types a system has at all.
    counts, rarity = [one.count for one in new], Counter(one.count for one in known)
    surprise = _surprise(counts, rarity, scale.share)
    in_bursts: Sequence[float | None] = [None] * len(new)
    if scale.bursts and new:
        seen = [scale.bursts.episodes([one]) for one in new]
        usual = Counter(scale.bursts.episodes([one]) for one in known)
        in_bursts = _surprise(seen, usual, scale.share)
    defects = Counter(one.count for one in known if is_defect(one.template.text))
    has_defects = expected_new(1, defects, scale.share) >= _USUAL_DEFECTS
    for one, p, burst_p in zip(new, surprise, in_bursts, strict=True):
        yield replace(
            _counted(Kind.NOVELTY, one.template.text, [], [one], scale),
            p=p,
            burst_p=burst_p,
            expected=expected_new(one.count, rarity, scale.share),
            is_defect=not has_defects and is_defect(one.template.text),
        )


def _surprise(counts: Sequence[int], rarity: Mapping[int, int], share: float) -> list[float]:
    by_times = {times: novelty_p(times, counts, rarity, share) for times in set(counts)}
    return [by_times[times] for times in counts]


def _counted(
    kind: Kind,
    name: str,
    stable: list[TemplateCount],
    canary: list[TemplateCount],
    scale: Scale,
) -> Finding:
    counts = sum(one.count for one in stable), sum(one.count for one in canary)
    return Finding(
        kind=kind,
        name=name,
        what=name,
        stable=counts[0],
        canary=counts[1],
        ratio=scale.exposure.ratio(*counts),
        is_error=any(one.template.severity >= Severity.ERROR for one in canary),
        stable_sample=_most_frequent(stable).sample if stable else None,
        canary_sample=_most_frequent(canary).sample,
    )


def _tested(
    kind: Kind, name: str, stable: list[TemplateCount], canary: list[TemplateCount], scale: Scale
) -> Finding:
    finding = _counted(kind, name, stable, canary, scale)
    p = rate_p([finding.stable], [finding.canary], scale.share)
    return replace(finding, p=float(p[0]), burst_p=scale.burst_p(stable, canary))


def _most_frequent(counted: list[TemplateCount]) -> TemplateCount:
    return min(counted, key=lambda one: (-one.count, one.template.text))
