"""The answer: promote, rollback or inconclusive, with its reasons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ._errors import ContractError, describe
from ._reader import Reader
from .request import SCHEMA_VERSION, check_schema_version
from .timeline import Timeline, read_timeline

VERDICT_MEDIA_TYPE = "application/vnd.metric-ai.canary-verdict+json"
ARTIFACT_NAME = "canary-verdict"

# Prose decides nothing, so what is too long is cut instead of refused.
_PROSE = 16_384
_LINE = 4096
_SHORT = 1024
_LIST = 200
_TIME = 64
_CONTAINERS = 50


class Verdict(StrEnum):
    """What the agent advises."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Sample:
    """One log line of one side, redacted, and where it was read.

    `time` is the line's own, ISO 8601 or as the line has it; empty where it carries none.
    """

    line: str
    pod: str = ""
    container: str = ""
    time: str = ""

    def to_json(self) -> dict[str, object]:
        """The document that travels; see `verdict.schema.json`. No time, no field."""
        document: dict[str, object] = {
            "line": self.line,
            "pod": self.pod,
            "container": self.container,
        }
        return document | {"time": self.time} if self.time else document


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One observation that anyone can check.

    Attributes:
        id: by which votes and reports cite it, unique within a verdict.
        kind: the rule or test that found it, such as `hard`, `rate`, `novelty`, `latency`.
        what: one sentence, or a template.
        stable: how often on stable's side; None where counting makes no sense.
        canary: the same on the canary's side.
        stable_rate: occurrences per 1,000 comparable lines of stable: those below a warning that both
            sides write. None where nothing is counted, as of durations and of pods' states.
        canary_rate: the same per 1,000 comparable lines of the canary.
        ratio: canary's rate over stable's, exposure-normalised; None where it has none.
        p: the test's p-value, 0 to 1, before the false-discovery control; None for hard evidence.
        q: the same after the control (Benjamini-Hochberg).
        strength: `hard`, `significant`, `suspicious`, `waived` or `note`.
    """

    id: str
    kind: str
    what: str
    strength: str
    stable: float | None = None
    canary: float | None = None
    ratio: float | None = None
    p: float | None = None
    q: float | None = None
    stable_sample: Sample | None = None
    canary_sample: Sample | None = None
    stable_rate: float | None = None
    canary_rate: float | None = None

    def to_json(self) -> dict[str, object]:
        """The document that travels; fields without a value are left out."""
        document: dict[str, object] = {
            "id": self.id,
            "kind": self.kind,
            "what": self.what,
            "strength": self.strength,
        }
        numbers = {
            "stable": self.stable,
            "canary": self.canary,
            "stableRate": self.stable_rate,
            "canaryRate": self.canary_rate,
            "ratio": self.ratio,
            "p": self.p,
            "q": self.q,
        }
        document |= {name: value for name, value in numbers.items() if value is not None}
        if self.stable_sample is not None:
            document["stableSample"] = self.stable_sample.to_json()
        if self.canary_sample is not None:
            document["canarySample"] = self.canary_sample.to_json()
        return document


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was read, both sides together, and what could not be.

    Attributes:
        truncated: whether a limit cut something off.
        gaps: one sentence for each pod, container or list that is not fully in the evidence.
    """

    pods: int = 0
    containers: int = 0
    lines: int = 0
    truncated: bool = False
    gaps: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The document that travels."""
        return {
            "pods": self.pods,
            "containers": self.containers,
            "lines": self.lines,
            "truncated": self.truncated,
            "gaps": list(self.gaps),
        }


@dataclass(frozen=True, slots=True)
class ModelResult:
    """One language model's vote; `error` says why there is none."""

    model_name: str
    promote: bool = False
    confidence: float = 0.0
    analysis: str = ""
    root_cause: str = ""
    remediation: str = ""
    execution_time_ms: int = 0
    error: str = ""

    def to_json(self) -> dict[str, object]:
        """The document that travels; names as the older dialect has them."""
        return {
            "modelName": self.model_name,
            "promote": self.promote,
            "confidence": self.confidence,
            "analysis": self.analysis,
            "rootCause": self.root_cause,
            "remediation": self.remediation,
            "executionTimeMs": self.execution_time_ms,
            "error": self.error,
        }


@dataclass(frozen=True, slots=True)
class CanaryVerdict:
    """One answer. `confidence` is 0 to 100: of verdicts with 90, nine in ten should be right.

    Attributes:
        timeline: both sides over time, where their logs tell times.
        report_link: absolute URL of the verdict as a page for people; empty where there is none.
        stable_images: of stable's containers, by the containers' names, as their pods name them.
        canary_images: the same of the canary; both are empty where they are not known.
    """

    run_uid: str
    verdict: Verdict
    confidence: float
    analysis: str = ""
    root_cause: str = ""
    remediation: str = ""
    evidence: tuple[EvidenceItem, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)
    model_results: tuple[ModelResult, ...] = ()
    voting_rationale: str = ""
    pr_link: str = ""
    issue_link: str = ""
    usage: Mapping[str, float] = field(default_factory=dict)
    agent_version: str = ""
    timeline: Timeline | None = None
    report_link: str = ""
    stable_images: Mapping[str, str] = field(default_factory=dict)
    canary_images: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """The document that travels, with `promote` for readers of the older dialect."""
        document: dict[str, object] = {
            "schemaVersion": SCHEMA_VERSION,
            "runUid": self.run_uid,
            "verdict": self.verdict.value,
            "promote": self.verdict is Verdict.PROMOTE,
            "confidence": self.confidence,
            "analysis": self.analysis,
            "rootCause": self.root_cause,
            "remediation": self.remediation,
            "evidence": [item.to_json() for item in self.evidence],
            "coverage": self.coverage.to_json(),
            "modelResults": [result.to_json() for result in self.model_results],
            "votingRationale": self.voting_rationale,
            "prLink": self.pr_link,
            "issueLink": self.issue_link,
            "usage": dict(self.usage),
            "agentVersion": self.agent_version,
        }
        if self.timeline is not None:
            document["timeline"] = self.timeline.to_json()
        if self.report_link:
            document["reportLink"] = self.report_link
        if self.stable_images or self.canary_images:
            document["images"] = {
                "stable": dict(self.stable_images),
                "canary": dict(self.canary_images),
            }
        return document


def parse_verdict(value: object, run_uid: str) -> CanaryVerdict:
    """Reads a verdict on the run `run_uid` from a decoded JSON document.

    What decides is read strictly: schema version, run, verdict, confidence. Prose that is too long is
    cut and marked, since it decides nothing.

    Raises:
        ContractError: the document speaks of another run, contradicts itself, a deciding field is
            missing or out of its range, or the agent says that it could not read its model's output.
    """
    reader = Reader(value)
    check_schema_version(reader)
    found_uid = reader.required_text("runUid", limit=_SHORT)
    if found_uid != run_uid:
        raise ContractError("runUid", describe(found_uid), f'"{run_uid}", the run that asked')
    images = reader.child("images")
    verdict = CanaryVerdict(
        run_uid=found_uid,
        verdict=_verdict(reader),
        confidence=reader.required_number("confidence", 0, 100),
        analysis=reader.clipped("analysis", limit=_PROSE),
        root_cause=reader.clipped("rootCause", limit=_LINE),
        remediation=reader.clipped("remediation", limit=_PROSE),
        evidence=reader.children("evidence", _evidence, limit=_LIST),
        coverage=_coverage(reader.child("coverage")),
        model_results=reader.children("modelResults", _model_result, limit=_LIST),
        voting_rationale=reader.clipped("votingRationale", limit=_LINE),
        pr_link=reader.clipped("prLink", limit=_SHORT),
        issue_link=reader.clipped("issueLink", limit=_SHORT),
        usage=_usage(reader.child("usage")),
        agent_version=reader.clipped("agentVersion", limit=_SHORT),
        timeline=_timeline(reader),
        report_link=reader.clipped("reportLink", limit=_SHORT),
        stable_images=_images(images.child("stable")),
        canary_images=_images(images.child("canary")),
    )
    _refuse_unread_model(verdict)
    return verdict


def _verdict(reader: Reader) -> Verdict:
    text = reader.text("verdict", limit=_SHORT)
    try:
        verdict = Verdict(text)
    except ValueError as error:
        raise ContractError(
            "verdict", describe(text or None), "promote, rollback or inconclusive"
        ) from error
    promote = reader.boolean("promote", default=verdict is Verdict.PROMOTE)
    if promote != (verdict is Verdict.PROMOTE):
        raise ContractError(
            "promote", describe(promote), f"what the verdict {verdict.value} says: they contradict"
        )
    return verdict


def _refuse_unread_model(verdict: CanaryVerdict) -> None:
    # Agents of the older dialect answer so when their model's output was not to be parsed.
    unread = "unable to parse" in verdict.analysis.lower()
    if verdict.confidence == 0 and (unread or verdict.verdict is Verdict.PROMOTE):
        raise ContractError(
            "confidence",
            "0 with a verdict nobody vouches for",
            "a verdict that the agent could read",
        )


def _evidence(reader: Reader) -> EvidenceItem:
    return EvidenceItem(
        id=reader.clipped("id", limit=100),
        kind=reader.clipped("kind", limit=100),
        what=reader.clipped("what", limit=_LINE),
        strength=reader.clipped("strength", limit=100),
        stable=reader.number("stable", 0, 2**53),
        canary=reader.number("canary", 0, 2**53),
        ratio=reader.number("ratio", 0, 2**53),
        p=reader.number("p", 0, 1),
        q=reader.number("q", 0, 1),
        stable_sample=_sample(reader, "stableSample"),
        canary_sample=_sample(reader, "canarySample"),
        stable_rate=reader.number("stableRate", 0, 2**53),
        canary_rate=reader.number("canaryRate", 0, 2**53),
    )


def _sample(reader: Reader, name: str) -> Sample | None:
    if not reader.has(name):
        return None
    child = reader.child(name)
    return Sample(
        child.clipped("line", limit=_LINE),
        child.clipped("pod", limit=253),
        child.clipped("container", limit=253),
        child.clipped("time", limit=_TIME),
    )


def _timeline(reader: Reader) -> Timeline | None:
    # A picture decides nothing: a malformed one is no reason to lose the verdict.
    try:
        return read_timeline(reader.child("timeline")) if reader.has("timeline") else None
    except ContractError:
        return None


def _coverage(reader: Reader) -> Coverage:
    return Coverage(
        pods=reader.count("pods") or 0,
        containers=reader.count("containers") or 0,
        lines=reader.count("lines") or 0,
        truncated=reader.boolean("truncated", default=False),
        gaps=reader.texts("gaps", count=1000, limit=_LINE),
    )


def _model_result(reader: Reader) -> ModelResult:
    return ModelResult(
        model_name=reader.clipped("modelName", limit=_SHORT),
        promote=reader.boolean("promote", default=False),
        confidence=reader.number("confidence", 0, 100) or 0.0,
        analysis=reader.clipped("analysis", limit=_PROSE),
        root_cause=reader.clipped("rootCause", limit=_LINE),
        remediation=reader.clipped("remediation", limit=_PROSE),
        execution_time_ms=reader.count("executionTimeMs") or 0,
        error=reader.clipped("error", limit=_LINE),
    )


def _usage(reader: Reader) -> Mapping[str, float]:
    names = sorted(reader.fields)[:50]
    return {name: reader.number(name, 0, 2**53) or 0.0 for name in names}


def _images(reader: Reader) -> Mapping[str, str]:
    names = sorted(reader.fields)[:_CONTAINERS]
    return {name[:_SHORT]: reader.clipped(name, limit=_SHORT) for name in names}
