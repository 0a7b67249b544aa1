"""Measurements and what the controller keeps of them."""

# ruff: noqa: RUF009 - each call declares a dataclass field

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from . import _kinds as kinds
from ._phase import AnalysisPhase
from ._struct import GoStruct, go_struct


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement(GoStruct):
    """One value of one metric at one time (analysis_types.go, `Measurement`).

    Attributes:
        phase: its state. Without `finished_at` the controller resumes the measurement.
        message: text for the user; of a Failed or Error one it ends up in the run's message.
        started_at: when it began, with a time zone.
        finished_at: when it ended, with a time zone; None while it is under way.
        value: the measured value; charted where it is a number.
        metadata: kept by the controller and given back to `resume` and `terminate`.
        resume_at: when `resume` is wanted, with a time zone; None means at the next chance.
    """

    phase: AnalysisPhase = kinds.phase("Phase")
    message: str = kinds.text("Message")
    started_at: datetime | None = kinds.time("StartedAt")
    finished_at: datetime | None = kinds.time("FinishedAt")
    value: str = kinds.text("Value")
    metadata: Mapping[str, str] = kinds.text_map("Metadata")
    resume_at: datetime | None = kinds.time("ResumeAt")


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class MetricResult(GoStruct):
    """The latest measurements of one metric, and how often each phase came.

    Attributes:
        measurements: the most recent ones; the controller keeps ten at most by default.
        count: measurements without an Error so far, never reduced when old ones are trimmed.
    """

    name: str = kinds.text("Name")
    phase: AnalysisPhase = kinds.phase("Phase")
    measurements: Sequence[Measurement] = kinds.objects("Measurements", Measurement)
    message: str = kinds.text("Message")
    count: int = kinds.integer("Count")
    successful: int = kinds.integer("Successful")
    failed: int = kinds.integer("Failed")
    inconclusive: int = kinds.integer("Inconclusive")
    error: int = kinds.integer("Error")
    consecutive_error: int = kinds.integer("ConsecutiveError")
    dry_run: bool = kinds.flag("DryRun")
    metadata: Mapping[str, str] = kinds.text_map("Metadata")
    consecutive_success: int = kinds.integer("ConsecutiveSuccess")


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary(GoStruct):
    """How many metrics ended in which phase."""

    count: int = kinds.integer("Count")
    successful: int = kinds.integer("Successful")
    failed: int = kinds.integer("Failed")
    inconclusive: int = kinds.integer("Inconclusive")
    error: int = kinds.integer("Error")
