"""The AnalysisRun (pkg/apis/rollouts/v1alpha1/analysis_types.go)."""

# ruff: noqa: RUF009 - each call declares a dataclass field

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from . import _kinds as kinds
from ._measurement import MetricResult, RunSummary
from ._meta import ObjectMeta
from ._metric import Argument, Metric
from ._phase import AnalysisPhase
from ._struct import GoStruct, go_struct

_CHEAP_RULE: Final = re.compile(r"(?:\.\*|[\w\-.^$|])*")
_MOST_WILDCARDS: Final = 2


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class TypeMeta(GoStruct):
    """An object's kind and API version; the controller often leaves them empty."""

    kind: str = kinds.text("Kind")
    api_version: str = kinds.text("APIVersion")


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun(GoStruct):
    """A metric, or `*`, whose measurements do not count."""

    metric_name: str = kinds.text("MetricName")


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementRetention(GoStruct):
    """How many measurements of a metric are kept."""

    metric_name: str = kinds.text("MetricName")
    limit: int = kinds.integer("Limit")


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class TTLStrategy(GoStruct):
    """How long a finished run stays, in seconds."""

    seconds_after_completion: int | None = kinds.optional_integer("SecondsAfterCompletion")
    seconds_after_failure: int | None = kinds.optional_integer("SecondsAfterFailure")
    seconds_after_success: int | None = kinds.optional_integer("SecondsAfterSuccess")


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisRunSpec(GoStruct):
    """What is to be measured.

    Attributes:
        terminate: the run is to end early, for example after an abort.
    """

    metrics: Sequence[Metric] = kinds.objects("Metrics", Metric)
    args: Sequence[Argument] = kinds.objects("Args", Argument)
    terminate: bool = kinds.flag("Terminate")
    dry_run: Sequence[DryRun] = kinds.objects("DryRun", DryRun)
    measurement_retention: Sequence[MeasurementRetention] = kinds.objects(
        "MeasurementRetention", MeasurementRetention
    )
    ttl_strategy: TTLStrategy | None = kinds.optional("TTLStrategy", TTLStrategy)


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisRunStatus(GoStruct):
    """What has been measured."""

    phase: AnalysisPhase = kinds.phase("Phase")
    message: str = kinds.text("Message")
    metric_results: Sequence[MetricResult] = kinds.objects("MetricResults", MetricResult)
    started_at: datetime | None = kinds.time("StartedAt")
    run_summary: RunSummary = kinds.nested("RunSummary", RunSummary)
    dry_run_summary: RunSummary | None = kinds.optional("DryRunSummary", RunSummary)
    completed_at: datetime | None = kinds.time("CompletedAt")


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisRun(GoStruct):
    """One run of an analysis.

    Its arguments hold the values of Secrets in clear, so `repr` tells the identity alone.
    """

    type_meta: TypeMeta = kinds.nested("TypeMeta", TypeMeta)
    metadata: ObjectMeta = kinds.nested("ObjectMeta", ObjectMeta, "metadata")
    spec: AnalysisRunSpec = kinds.nested("Spec", AnalysisRunSpec)
    status: AnalysisRunStatus = kinds.nested("Status", AnalysisRunStatus)

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Reads a manifest; `kind` and `apiVersion` stand beside `metadata` there."""
        if isinstance(value, Mapping):
            type_meta = {key: value[key] for key in ("kind", "apiVersion") if key in value}
            rest = {key: item for key, item in value.items() if key not in type_meta}
            value = rest | {"typeMeta": type_meta}
        return super(AnalysisRun, cls).from_json(value)

    def __repr__(self) -> str:
        return (
            f"AnalysisRun({self.metadata.namespace}/{self.metadata.name} uid={self.metadata.uid})"
        )

    def metric_result(self, metric_name: str) -> MetricResult | None:
        """What has been measured for a metric so far; None before its first measurement."""
        results = self.status.metric_results
        return next((result for result in results if result.name == metric_name), None)

    def is_dry_run(self, metric_name: str) -> bool:
        """Whether the measurements of a metric are shown but do not count.

        The controller reads the rules as regular expressions (utils/analysis/helpers.go,
        `GetDryRunMetrics`). A template's author writes both the rule and the name, so only rules
        of plain characters, `^`, `$`, `.`, `|` and at most two `.*` are tried here; others match
        nothing. Once there is a result, its own mark is what counts.
        """
        result = self.metric_result(metric_name)
        if result is not None:
            return result.dry_run
        return any(_matches(rule.metric_name, metric_name) for rule in self.spec.dry_run)


def _matches(rule: str, metric_name: str) -> bool:
    plain = _CHEAP_RULE.fullmatch(rule) and rule.count(".*") <= _MOST_WILDCARDS
    return bool(plain and re.search(rule, metric_name))
