"""The arguments and replies of the seven calls (metricproviders/plugin/rpc/rpc.go)."""

# ruff: noqa: RUF009 - each call declares a dataclass field

from dataclasses import dataclass
from typing import Final, TypeVar

from goplugin.wire import gob

from .v1alpha1 import AnalysisRun, GoStruct, Measurement, Metric, SchemaError
from .v1alpha1 import _kinds as kinds
from .v1alpha1._struct import go_struct

STRING_MAP: Final = kinds.STRING_MAP

_ArgsT = TypeVar("_ArgsT", bound=GoStruct)


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class RunArgs(GoStruct):
    """Arguments of `Plugin.Run`."""

    analysis_run: AnalysisRun | None = kinds.optional("AnalysisRun", AnalysisRun)
    metric: Metric = kinds.nested("Metric", Metric)


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class TerminateAndResumeArgs(GoStruct):
    """Arguments of `Plugin.Resume` and `Plugin.Terminate`."""

    analysis_run: AnalysisRun | None = kinds.optional("AnalysisRun", AnalysisRun)
    metric: Metric = kinds.nested("Metric", Metric)
    measurement: Measurement = kinds.nested("Measurement", Measurement)


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class GarbageCollectArgs(GoStruct):
    """Arguments of `Plugin.GarbageCollect`."""

    analysis_run: AnalysisRun | None = kinds.optional("AnalysisRun", AnalysisRun)
    metric: Metric = kinds.nested("Metric", Metric)
    limit: int = kinds.integer("Limit")


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class GetMetadataArgs(GoStruct):
    """Arguments of `Plugin.GetMetadata`."""

    metric: Metric = kinds.nested("Metric", Metric)


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class RpcError(GoStruct):
    """An error, or none where the text is empty (utils/plugin/types/types.go)."""

    error_string: str = kinds.text("ErrorString")


def read_args(cls: type[_ArgsT], sent: object) -> _ArgsT:
    """Reads the arguments of a call: a gob interface value registered under the type's own name.

    Raises:
        SchemaError: another type or none was sent, or a field has another shape than declared.
    """
    if not isinstance(sent, gob.Interface):
        raise SchemaError(f"invalid args: expected {cls.__name__}, found {type(sent).__name__}")
    if sent.name != cls.__name__:
        raise SchemaError(f"invalid args: expected {cls.__name__}, found {sent.name!r}")
    return cls.from_gob(sent.value)


def write_args(args: GoStruct) -> gob.Interface:
    """The gob interface value that carries the arguments of a call."""
    return gob.Interface(type(args).__name__, args.to_gob(), args.gob_type())
