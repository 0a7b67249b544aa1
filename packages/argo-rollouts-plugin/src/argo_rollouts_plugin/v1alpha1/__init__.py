"""The types of argoproj.io/v1alpha1 that a metric provider plugin sees.

Frozen dataclasses named after Go's structs (argo-rollouts v1.9.1,
pkg/apis/rollouts/v1alpha1/analysis_types.go), fields in snake case, times as `datetime` in UTC.
Each has `from_gob`, `to_gob`, `gob_type` and `from_json`; fields that a newer controller sends are
kept in `extra`.
"""

from ._measurement import Measurement, MetricResult, RunSummary
from ._meta import ObjectMeta, OwnerReference
from ._metric import Argument, FieldRef, Metric, MetricProvider, SecretKeyRef, ValueFrom
from ._phase import AnalysisPhase
from ._run import (
    AnalysisRun,
    AnalysisRunSpec,
    AnalysisRunStatus,
    DryRun,
    MeasurementRetention,
    TTLStrategy,
    TypeMeta,
)
from ._struct import GoStruct, SchemaError

__all__ = [
    "AnalysisPhase",
    "AnalysisRun",
    "AnalysisRunSpec",
    "AnalysisRunStatus",
    "Argument",
    "DryRun",
    "FieldRef",
    "GoStruct",
    "Measurement",
    "MeasurementRetention",
    "Metric",
    "MetricProvider",
    "MetricResult",
    "ObjectMeta",
    "OwnerReference",
    "RunSummary",
    "SchemaError",
    "SecretKeyRef",
    "TTLStrategy",
    "TypeMeta",
    "ValueFrom",
]
