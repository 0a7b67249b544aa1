"""Puts a decision into words: evidence items, root cause, remedy, a short paragraph."""

from collections.abc import Sequence

from canary_agent.evidence import NAMES_A_CAUSE, PROBES, Finding, Findings, Kind, SampleLine
from canary_agent.moments import time_in
from canary_agent.signatures import Cause, find_cause
from canary_verdict import EvidenceItem, Sample, Verdict
from canary_verdict.redaction import redact, visible

from ._decide import Decision, evidence_id
from ._grade import Graded, Strength

MAX_ITEMS = 50
"""Evidence items of one verdict; the weakest are left out."""

_MAX_NAMED = 3
_MAX_WHAT = 300
_COUNTING = frozenset({Strength.HARD, Strength.SIGNIFICANT, Strength.SUSPICIOUS})


def evidence_items(decision: Decision) -> tuple[EvidenceItem, ...]:
    """The strongest findings as they travel, redacted."""
    return tuple(
        _item(evidence_id(index), one) for index, one in enumerate(decision.graded[:MAX_ITEMS])
    )


def root_cause(decision: Decision, findings: Findings) -> tuple[str, str]:
    """One sentence on the cause, and a remedy; both empty where nothing speaks against the canary."""
    acting = [one.finding for one in decision.graded if one.strength in _COUNTING]
    if decision.verdict is Verdict.PROMOTE or not acting:
        return "", ""
    # A line that is too rare to act may still say why a pod ended.
    hints = [
        one.finding
        for one in decision.graded
        if one.strength is Strength.NOTE
        and one.finding.kind is Kind.NOVELTY
        and one.finding.is_error
    ]
    ends = any(finding.kind is Kind.HARD for finding in acting)
    cause = _known_cause([*acting, *hints], [line.text for line in findings.news] if ends else [])
    if cause:
        return cause.sentence, cause.remedy
    return _plain_cause(acting[0])


def analysis(decision: Decision, findings: Findings) -> str:
    """A short paragraph: what was compared, what was found, why the verdict follows."""
    sentences = [_compared(findings)]
    for strength, words in (
        (Strength.HARD, "Hard evidence"),
        (Strength.SIGNIFICANT, "Significant"),
        (Strength.SUSPICIOUS, "In doubt"),
        (Strength.WAIVED, "Waived by the policy"),
    ):
        named = [_words(one.finding) for one in decision.graded if one.strength is strength]
        if named:
            more = f"; and {len(named) - _MAX_NAMED} more" if len(named) > _MAX_NAMED else ""
            sentences.append(f"{words}: {'; '.join(named[:_MAX_NAMED])}{more}.")
    if decision.shortages:
        sentences.append(
            f"Too little to promote by: {'; '.join(visible(one, _MAX_WHAT) for one in decision.shortages[:10])}."
        )
    if decision.verdict is Verdict.PROMOTE:
        sentences.append("Nothing speaks against the canary.")
    if findings.accepted:
        sentences.append(f"{len(findings.accepted)} templates were left out as the policy accepts.")
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


def _known_cause(acting: Sequence[Finding], news: Sequence[str]) -> Cause | None:
    # Hard states such as a crash loop are what one sees, the log line beside them is why: so all that
    # acts is asked, the strongest first; the sample line names what the template has masked.
    texts = [text for finding in sorted(acting, key=_tells_little) for text in _texts(finding)]
    causes = [cause for text in (*texts, *news) if (cause := find_cause(text))]
    told = [cause for text in texts if (cause := find_cause(text))]
    return next((cause for cause in causes if not cause.symptom), told[0] if told else None)


def _tells_little(finding: Finding) -> int:
    """0 for what names a cause, 1 for ends and restarts, which only show that there is one, 2 for probes."""
    if finding.kind not in {Kind.HARD, Kind.STATE} or finding.name in NAMES_A_CAUSE:
        return 0
    return 2 if finding.name == PROBES else 1


def _texts(finding: Finding) -> list[str]:
    sample = finding.canary_sample.text if finding.canary_sample else ""
    if finding.kind in {Kind.HARD, Kind.STATE}:
        # A probe is refused because the program is not there: that is no dependency.
        return [finding.name] if finding.name == PROBES else [sample, finding.name, finding.what]
    return [sample, finding.what]


def _plain_cause(finding: Finding) -> tuple[str, str]:
    """What is seen, where no signature says why."""
    look = "Look at the sample lines of the evidence, and at what the new version changed there."
    if finding.kind is Kind.LATENCY:
        return f"The canary is slower than stable: {_words(finding)}.", (
            "Compare what both versions do for such a request: queries, calls to others, locks."
        )
    if finding.kind is Kind.VANISHED:
        return (
            f"The canary no longer does, or no longer says, what stable does: {_words(finding)}.",
            (
                "Look at what comes before that line in the new version: is it still reached, or was it taken out?"
            ),
        )
    if finding.name == "4xx":
        refused = f"The canary refuses more requests (HTTP 4xx) than stable: {_words(finding)}."
        return refused, (
            "Compare the routes, permissions and limits of both versions: what was served may be missing."
        )
    if "5xx" in finding.name:
        return (
            f"The canary answers requests with server errors (HTTP 5xx): {_words(finding)}.",
            look,
        )
    return f"The cause has no known signature; the strongest evidence: {_words(finding)}.", look


def _words(finding: Finding) -> str:
    what = redact(finding.what, _MAX_WHAT)
    if finding.kind is Kind.LATENCY:
        return f"{what}: median {finding.canary:.3g} s against {finding.stable:.3g} s"
    ratio = f", {finding.ratio:.3g} times stable's rate" if finding.ratio is not None else ""
    return f"{what} ({finding.canary:g} on the canary, {finding.stable:g} on stable{ratio})"


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
    return name + redact(finding.what, _MAX_WHAT - len(name))


def _sample(line: SampleLine | None) -> Sample | None:
    if line is None:
        return None
    return Sample(
        line=redact(line.text),
        pod=visible(line.pod, 253),
        container=visible(line.container, 253),
        time=line.time or time_in(line.text),
    )
