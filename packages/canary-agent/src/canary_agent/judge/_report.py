"""Puts a decision into words: evidence items, and a short paragraph."""

from canary_agent.evidence import Finding, Findings, Kind, SampleLine
from canary_agent.moments import time_in
from canary_verdict import EvidenceItem, Sample, Verdict
from canary_verdict.redaction import redact, visible

from ._decide import Decision, evidence_id
from ._grade import Graded, Strength
from ._words import MAX_WHAT, words

MAX_ITEMS = 50
"""Evidence items of one verdict; the weakest are left out."""

_MAX_NAMED = 3


def evidence_items(decision: Decision) -> tuple[EvidenceItem, ...]:
    """The strongest findings as they travel, redacted."""
    return tuple(
        _item(evidence_id(index), one) for index, one in enumerate(decision.graded[:MAX_ITEMS])
    )


def analysis(decision: Decision, findings: Findings) -> str:
    """A short paragraph: what was compared, what was found, why the verdict follows."""
    sentences = [_compared(findings)]
    for strength, title in (
        (Strength.HARD, "Hard evidence"),
        (Strength.SIGNIFICANT, "Significant"),
        (Strength.SUSPICIOUS, "In doubt"),
        (Strength.WAIVED, "Waived by the policy"),
    ):
        named = [words(one.finding) for one in decision.graded if one.strength is strength]
        if named:
            more = f"; and {len(named) - _MAX_NAMED} more" if len(named) > _MAX_NAMED else ""
            sentences.append(f"{title}: {'; '.join(named[:_MAX_NAMED])}{more}.")
    if decision.shortages:
        sentences.append(
            f"Too little to promote by: {'; '.join(visible(one, MAX_WHAT) for one in decision.shortages[:10])}."
        )
    if decision.verdict is Verdict.PROMOTE:
        sentences.append("Nothing speaks against the canary.")
    if findings.accepted:
        sentences.append(f"{len(findings.accepted)} templates were left out as the policy accepts.")
    if findings.usual:
        known = "; ".join(redact(one, MAX_WHAT) for one in findings.usual[:_MAX_NAMED])
        sentences.append(
            f"{len(findings.usual)} templates were left out as usual by the baseline: {known}."
        )
    return " ".join(sentences)


def _compared(findings: Findings) -> str:
    stable, canary = findings.stable, findings.canary
    share = findings.canary_share
    work = f", {100 * share:.3g} % of the comparable work" if share is not None else ""
    if traffic := findings.traffic:
        work += f" ({100 * traffic.share:.3g} % of the traffic by {traffic.source})"
    return (
        f"Compared {canary.lines} lines of {canary.pods} canary pods{work}, with {stable.lines} lines"
        f" of {stable.pods} stable pods."
    )


def _item(item_id: str, graded: Graded) -> EvidenceItem:
    finding = graded.finding
    return EvidenceItem(
        id=item_id,
        kind=finding.kind.value,
        what=_named(finding),
        strength=graded.strength.value,
        stable=finding.stable,
        canary=finding.canary,
        ratio=finding.ratio,
        p=finding.p,
        q=finding.q,
        stable_rate=finding.stable_rate,
        canary_rate=finding.canary_rate,
        stable_sample=_sample(finding.stable_sample),
        canary_sample=_sample(finding.canary_sample),
    )


def _named(finding: Finding) -> str:
    # The names are ours; "CrashSignature: ..." would look like a secret.
    name = f"{finding.name}: " if finding.kind in {Kind.HARD, Kind.STATE} else ""
    return name + redact(finding.what, MAX_WHAT - len(name))


def _sample(line: SampleLine | None) -> Sample | None:
    if line is None:
        return None
    return Sample(
        line=redact(line.text),
        pod=visible(line.pod, 253),
        container=visible(line.container, 253),
        time=line.time or time_in(line.text),
    )
