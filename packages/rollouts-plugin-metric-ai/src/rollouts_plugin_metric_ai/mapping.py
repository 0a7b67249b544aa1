"""From an agent's verdict to a measurement.

`concluded` is the one function of this project that makes a Successful measurement. It needs a
`CanaryVerdict`, which only `canary_verdict.parse_verdict` makes from what an agent sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from argo_rollouts_plugin.v1alpha1 import AnalysisPhase, Measurement, Metric
from canary_verdict import CanaryVerdict, Verdict

from .summary import bounded, one_line, verdict_metadata, verdict_sentence, with_report

# From best to worst: a condition may move a measurement to the right, never to the left.
_SEVERITY = (AnalysisPhase.SUCCESSFUL, AnalysisPhase.INCONCLUSIVE, AnalysisPhase.FAILED)

# Those whose message people see: kubectl shows none of a good measurement.
_EXPLAINED = (AnalysisPhase.INCONCLUSIVE, AnalysisPhase.FAILED, AnalysisPhase.ERROR)


@dataclass(frozen=True, slots=True)
class Frame:
    """What every measurement carries, whatever its phase.

    Attributes:
        started_at: when it began.
        now: the time of this answer.
        metadata: what it carries already, such as the task's id.
    """

    started_at: datetime | None
    now: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)


def concluded(
    verdict: CanaryVerdict, metric: Metric, min_confidence: float, frame: Frame
) -> Measurement:
    """The finished measurement that a verdict and the metric's conditions give.

    Args:
        verdict: as `parse_verdict` read it.
        metric: for its successCondition and failureCondition; `result` in them is an object with
            verdict, promote, confidence and value (a number, or nil for an inconclusive verdict).
        min_confidence: 0 to 100; a promote below it is Inconclusive.
        frame: when it began and ends, and what its metadata holds already.

    Returns:
        The worse of what the verdict and the conditions say. A condition that cannot be evaluated
        gives Error, but a rollback stays Failed.
    """
    phase = phase_of(verdict, min_confidence)
    message = verdict_sentence(verdict, min_confidence)
    if metric.success_condition or metric.failure_condition:
        # Loaded with the first verdict: a plugin at rest has no use for it.
        from argo_rollouts_plugin.conditions import ConditionError, evaluate  # noqa: PLC0415

        try:
            said = evaluate(
                condition_result(verdict), metric.success_condition, metric.failure_condition
            )
        except ConditionError as error:
            if phase is not AnalysisPhase.FAILED:
                phase = AnalysisPhase.ERROR
            message = one_line(f"{message} (the metric's condition cannot be evaluated: {error})")
        else:
            worse = worst(phase, said)
            if worse is not phase:
                message = one_line(f"{message} (the metric's condition makes it {worse.value})")
            phase = worse
    if phase in _EXPLAINED:
        message = with_report(message, verdict)
    return Measurement(
        phase=phase,
        message=message,
        started_at=frame.started_at,
        finished_at=frame.now,
        value=value_of(verdict),
        metadata=bounded({**frame.metadata, **verdict_metadata(verdict)}),
    )


def phase_of(verdict: CanaryVerdict, min_confidence: float) -> AnalysisPhase:
    """What the verdict alone says."""
    match verdict.verdict:
        case Verdict.PROMOTE if verdict.confidence >= min_confidence:
            return AnalysisPhase.SUCCESSFUL
        case Verdict.ROLLBACK:
            return AnalysisPhase.FAILED
        case _:
            return AnalysisPhase.INCONCLUSIVE


def worst(one: AnalysisPhase, other: AnalysisPhase) -> AnalysisPhase:
    """The worse of two of Successful, Inconclusive and Failed; anything else is Error."""
    if one not in _SEVERITY or other not in _SEVERITY:
        return AnalysisPhase.ERROR
    return max(one, other, key=_SEVERITY.index)


def value_of(verdict: CanaryVerdict) -> str:
    """The measurement's value: confidence / 100 for promote, 0 for rollback, empty otherwise."""
    match verdict.verdict:
        case Verdict.PROMOTE:
            return f"{verdict.confidence / 100:g}"
        case Verdict.ROLLBACK:
            return "0"
        case _:
            return ""


def condition_result(verdict: CanaryVerdict) -> dict[str, object]:
    """What `result` is in the metric's conditions."""
    value = value_of(verdict)
    return {
        "verdict": verdict.verdict.value,
        "promote": verdict.verdict is Verdict.PROMOTE,
        "confidence": verdict.confidence,
        "value": float(value) if value else None,
    }


def inconclusive(message: str, frame: Frame) -> Measurement:
    """A finished measurement without a verdict that pauses the rollout."""
    return _without_verdict(AnalysisPhase.INCONCLUSIVE, message, frame)


def failed_to_measure(message: str, frame: Frame) -> Measurement:
    """A finished measurement of phase Error: the controller tries again, a few times."""
    return _without_verdict(AnalysisPhase.ERROR, message, frame)


def still_running(frame: Frame, resume_at: datetime) -> Measurement:
    """A measurement under way; the controller resumes it at `resume_at`."""
    return Measurement(
        phase=AnalysisPhase.RUNNING,
        started_at=frame.started_at,
        resume_at=resume_at,
        metadata=bounded(frame.metadata),
    )


def _without_verdict(
    phase: Literal[AnalysisPhase.INCONCLUSIVE, AnalysisPhase.ERROR], message: str, frame: Frame
) -> Measurement:
    return Measurement(
        phase=phase,
        message=one_line(message),
        started_at=frame.started_at,
        finished_at=frame.now,
        metadata=bounded(frame.metadata),
    )
