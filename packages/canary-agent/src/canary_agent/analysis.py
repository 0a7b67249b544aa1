"""The agent's work without its servers: from a request and a source to a verdict."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from canary_verdict import CanaryRequest, CanaryVerdict, Coverage, Verdict
from canary_verdict.redaction import visible

from . import figures, hearing, judge
from .bundle import BundledSource
from .collect import AttachedSource, Source
from .evidence import Cancelled, Findings, examine
from .models import Bounds, Exchange, Panel, Stopped

_MAX_GAPS = 100
_MAX_GAP = 400
_MAX_SECONDS = 900.0


class AnalysisCancelled(Exception):  # noqa: N818 - not an error: somebody asked for it
    """The analysis was cancelled and has no verdict."""


def analyse(
    request: CanaryRequest,
    source: Source,
    cancelled: Callable[[], bool],
    bundle: Path | None = None,
    panel: Panel | None = None,
) -> CanaryVerdict:
    """Compares the canary with stable and says whether it may be promoted.

    The same request and sample, and the same answers of models, give the same verdict, byte for byte.

    Args:
        request: what is asked, and the user's policy.
        source: where logs, pods and events come from; those that the request carries along win.
        cancelled: asked often, from this thread; once it says True the analysis ends.
        bundle: a file to save the analysis in, see `bundle`. What is judged then is what is saved.
        panel: the models that are asked; None: nobody.

    Raises:
        AnalysisCancelled: `cancelled` said so.
        CollectError: the source could not be read at all, or a selector is malformed.
        PolicyError: the policy cannot be followed.
    """
    analysis = Analysis(request, source, cancelled, bundle, panel)
    analysis.look()
    return analysis.conclude()


class Analysis:
    """One analysis: it looks, again where it must wait, and concludes from the last look.

    Args:
        request, source, cancelled, bundle, panel: see `analyse`, and for what is raised.
    """

    def __init__(
        self,
        request: CanaryRequest,
        source: Source,
        cancelled: Callable[[], bool],
        bundle: Path | None = None,
        panel: Panel | None = None,
    ) -> None:
        self._request = request
        attached = AttachedSource(source)
        self._bundled = BundledSource(attached, bundle) if bundle else None
        self._source = self._bundled or attached
        self._cancelled = cancelled
        self._panel = panel
        self._excuses: hearing.Excuses | None = None

    def look(self) -> bool:
        """Collects and examines; says whether a lack of lines or time may pass: never with hard evidence."""
        request = self._request
        if self._panel and self._excuses is None:
            self._excuses = self._excused(self._panel)
        accepted = self._excuses.rules.accepted if self._excuses else ()
        with figures.step("collect"):
            sample = self._source.collect(request, self._cancelled)
        self._stop_if_cancelled()
        try:
            with figures.step("examine"):
                findings = examine(sample, request.policy.accepted + accepted, self._cancelled)
        except Cancelled as error:
            raise AnalysisCancelled from error
        self._stop_if_cancelled()
        decision = judge.decide(findings, request.policy)
        self._case = hearing.Case(request, sample, findings, decision)
        hard = decision.evidence is judge.Evidence.HARD
        return not hard and judge.waits(findings, request.policy)

    @property
    def alone(self) -> Verdict:
        """What the evidence of the last look says without any model."""
        return self._case.decision.alone

    def conclude(self, seconds: float = _MAX_SECONDS) -> CanaryVerdict:
        """The verdict on the last look, after the models were heard for `seconds` at most."""
        heard = self._heard(self._panel, seconds) if self._panel else None
        exchanges = self._exchanges(heard)
        verdict = self._verdict(heard, hearing.usage(exchanges))
        if self._bundled:
            self._bundled.add(verdict, self._panel.settings if self._panel else None, exchanges)
        return verdict

    def _excused(self, panel: Panel) -> hearing.Excuses:
        bounds = Bounds(self._cancelled, panel.settings.seconds)
        try:
            return hearing.excused(panel, self._request.extra_prompt, bounds)
        except Stopped as error:
            raise AnalysisCancelled from error

    def _heard(self, panel: Panel, seconds: float) -> hearing.Hearing:
        case, settings = self._case, panel.settings
        try:
            with figures.step("models"):
                heard = hearing.hear(panel, case, Bounds(self._cancelled, seconds))
        except Stopped as error:
            raise AnalysisCancelled from error
        rules = judge.VotingRules(
            one_model_may_roll_back=settings.one_may_roll_back, disagreement=settings.disagreement
        )
        decision = judge.decide(
            case.findings, case.request.policy, heard.votes, rules, heard.citable
        )
        self._case = replace(case, decision=decision)
        return heard

    def _exchanges(self, heard: hearing.Hearing | None) -> tuple[Exchange, ...]:
        asked = self._excuses.exchanges if self._excuses else ()
        return asked + (heard.exchanges if heard else ())

    def _verdict(self, heard: hearing.Hearing | None, usage: Mapping[str, float]) -> CanaryVerdict:
        decision, findings = self._case.decision, self._case.findings
        cause, remedy = judge.root_cause(decision, findings)
        said = heard.said(decision) if heard else None
        excuses = self._excuses.sentences() if self._excuses else ""
        words = f"{judge.analysis(decision, findings)} {excuses}".strip()
        return CanaryVerdict(
            run_uid=self._request.run.uid,
            verdict=decision.verdict,
            confidence=decision.confidence,
            analysis=hearing.with_words(words, said, "analysis"),
            root_cause=hearing.with_words(cause, said, "rootCause"),
            remediation=hearing.with_words(remedy, said, "remediation"),
            evidence=judge.evidence_items(decision),
            coverage=_coverage(findings),
            model_results=hearing.model_results(heard, decision) if heard else (),
            voting_rationale=(
                judge.rationale(decision, heard.votes, heard.silent) if heard else judge.NOBODY
            ),
            usage=usage,
            agent_version=version("canary-agent"),
            timeline=findings.timeline,
            stable_images=self._case.sample.stable.images,
            canary_images=self._case.sample.canary.images,
        )

    def _stop_if_cancelled(self) -> None:
        if self._cancelled():
            raise AnalysisCancelled


def _coverage(findings: Findings) -> Coverage:
    gaps = [visible(gap.text, _MAX_GAP) for gap in findings.gaps]
    return Coverage(
        pods=findings.stable.pods + findings.canary.pods,
        containers=findings.stable.containers + findings.canary.containers,
        lines=findings.stable.lines + findings.canary.lines,
        truncated=findings.truncated or len(gaps) > _MAX_GAPS,
        gaps=tuple(gaps[:_MAX_GAPS]),
    )
