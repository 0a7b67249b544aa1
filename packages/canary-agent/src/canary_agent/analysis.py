"""The agent's work without its servers: from a request and a source to a verdict."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from canary_verdict import CanaryRequest, CanaryVerdict, Coverage
from canary_verdict.redaction import visible

from . import judge
from .bundle import BundledSource
from .collect import AttachedSource, Sample, Source
from .evidence import Cancelled, Findings, examine

_MAX_GAPS = 100
_MAX_GAP = 400


class AnalysisCancelled(Exception):  # noqa: N818 - not an error: somebody asked for it
    """The analysis was cancelled and has no verdict."""


@dataclass(frozen=True, slots=True)
class Look:
    """A verdict, and whether its lack of lines or time may pass: never where there is hard evidence."""

    verdict: CanaryVerdict
    waits: bool


def analyse(
    request: CanaryRequest,
    source: Source,
    cancelled: Callable[[], bool],
    bundle: Path | None = None,
) -> CanaryVerdict:
    """Compares the canary with stable and says whether it may be promoted.

    The same request and sample give the same verdict, byte for byte.

    Args:
        request: what is asked, and the user's policy.
        source: where logs, pods and events come from; those that the request carries along win.
        cancelled: asked often, from this thread; once it says True the analysis ends.
        bundle: a file to save the analysis in, see `bundle`. What is judged then is what is saved.

    Raises:
        AnalysisCancelled: `cancelled` said so.
        CollectError: the source could not be read at all, or a selector is malformed.
        PolicyError: the policy cannot be followed.
    """
    return look(request, source, cancelled, bundle).verdict


def look(
    request: CanaryRequest,
    source: Source,
    cancelled: Callable[[], bool],
    bundle: Path | None = None,
) -> Look:
    """As `analyse`; says besides whether a later look may see more."""
    attached = AttachedSource(source)
    saving = BundledSource(attached, bundle) if bundle else None
    found = _judged(request, (saving or attached).collect(request, cancelled), cancelled)
    if saving:
        saving.add_verdict(found.verdict)
    return found


def _judged(request: CanaryRequest, sample: Sample, cancelled: Callable[[], bool]) -> Look:
    if cancelled():
        raise AnalysisCancelled
    try:
        findings = examine(sample, request.policy.accepted, cancelled)
    except Cancelled as error:
        raise AnalysisCancelled from error
    if cancelled():
        raise AnalysisCancelled
    decision = judge.decide(findings, request.policy)
    cause, remedy = judge.root_cause(decision, findings)
    verdict = CanaryVerdict(
        run_uid=request.run.uid,
        verdict=decision.verdict,
        confidence=decision.confidence,
        analysis=judge.analysis(decision, findings),
        root_cause=cause,
        remediation=remedy,
        evidence=judge.evidence_items(decision),
        coverage=_coverage(findings),
        voting_rationale="No model was asked; the evidence alone decides.",
        agent_version=version("canary-agent"),
    )
    hard = decision.evidence is judge.Evidence.HARD
    return Look(verdict, waits=not hard and judge.waits(findings, request.policy))


def _coverage(findings: Findings) -> Coverage:
    gaps = [visible(gap.text, _MAX_GAP) for gap in findings.gaps]
    return Coverage(
        pods=findings.stable.pods + findings.canary.pods,
        containers=findings.stable.containers + findings.canary.containers,
        lines=findings.stable.lines + findings.canary.lines,
        truncated=findings.truncated or len(gaps) > _MAX_GAPS,
        gaps=tuple(gaps[:_MAX_GAPS]),
    )
