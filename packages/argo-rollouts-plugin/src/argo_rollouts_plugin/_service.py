"""The seven calls of the controller, answered by a provider (rpc.go, `MetricsRPCServer`)."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

from goplugin import Method, Service
from goplugin.wire import gob

from . import rpc
from ._errors import ProviderError
from ._host import ProviderHost
from .metric_provider import MaybeAwaitable, MetricProvider
from .v1alpha1 import AnalysisPhase, AnalysisRun, Measurement, Metric, SchemaError

_Continue = Callable[[AnalysisRun, Metric, Measurement], MaybeAwaitable[Measurement]]

_log: Final = logging.getLogger("argo_rollouts_plugin")


def metric_provider_service(host: ProviderHost) -> Service:
    """The net/rpc service `Plugin` over a provider."""
    calls = _Calls(host)
    measurement = Measurement.gob_type()
    rpc_error = rpc.RpcError.gob_type()
    return Service(
        {
            "InitPlugin": Method(rpc_error, calls.init_plugin),
            "Run": Method(measurement, calls.run),
            "Resume": Method(measurement, calls.resume),
            "Terminate": Method(measurement, calls.terminate),
            "GarbageCollect": Method(rpc_error, calls.garbage_collect),
            "Type": Method(gob.STRING, calls.type),
            "GetMetadata": Method(rpc.STRING_MAP, calls.get_metadata),
        }
    )


class _Calls:
    """Each method takes the decoded gob argument and gives what the gob encoder takes.

    What a provider raises becomes an answer and never passes on.
    """

    def __init__(self, host: ProviderHost) -> None:
        self._host = host

    async def init_plugin(self, _: object) -> Mapping[str, object]:
        try:
            await self._host.initialised()
        except Exception as error:  # noqa: BLE001 - answered, never passed on
            return _rpc_error("init", error)
        return {}

    async def run(self, sent: object) -> Mapping[str, object]:
        began = Measurement(started_at=_now())
        try:
            args = rpc.read_args(rpc.RunArgs, sent)
            analysis_run = _given(args.analysis_run)
            provider = await self._host.initialised()
            return await self._measure(began, partial(provider.run, analysis_run, args.metric))
        except Exception as error:  # noqa: BLE001 - answered, never passed on
            return _error_measurement("run", began, error)

    async def resume(self, sent: object) -> Mapping[str, object]:
        return await self._continue("resume", lambda provider: provider.resume, sent)

    async def terminate(self, sent: object) -> Mapping[str, object]:
        return await self._continue("terminate", lambda provider: provider.terminate, sent)

    async def _continue(
        self, name: str, method_of: Callable[[MetricProvider], _Continue], sent: object
    ) -> Mapping[str, object]:
        current = Measurement(started_at=_now())
        try:
            args = rpc.read_args(rpc.TerminateAndResumeArgs, sent)
            current = args.measurement
            analysis_run = _given(args.analysis_run)
            provider = await self._host.initialised()
            call = partial(method_of(provider), analysis_run, args.metric, current)
            return await self._measure(current, call)
        except Exception as error:  # noqa: BLE001 - answered, never passed on
            return _error_measurement(name, current, error)

    async def _measure(
        self, before: Measurement, call: Callable[[], MaybeAwaitable[Measurement]]
    ) -> Mapping[str, object]:
        return _completed(before, await self._host.measure(call)).to_gob()

    async def garbage_collect(self, sent: object) -> Mapping[str, object]:
        try:
            args = rpc.read_args(rpc.GarbageCollectArgs, sent)
            analysis_run = _given(args.analysis_run)
            provider = await self._host.initialised()
            collect = partial(provider.garbage_collect, analysis_run, args.metric, args.limit)
            await self._host.housekeep(collect)
        except Exception as error:  # noqa: BLE001 - answered, never passed on
            return _rpc_error("garbage_collect", error)
        return {}

    async def type(self, _: object) -> str:
        return await self._host.type()

    async def get_metadata(self, sent: object) -> Mapping[str, str]:
        try:
            args = rpc.read_args(rpc.GetMetadataArgs, sent)
            provider = await self._host.initialised()
            found = await self._host.housekeep(partial(provider.metadata, args.metric))
            return _text_map(found)
        except Exception as error:  # noqa: BLE001 - answered, never passed on
            return {"error": _explain("metadata", error)}


def _given(analysis_run: AnalysisRun | None) -> AnalysisRun:
    if analysis_run is None:
        raise ProviderError("the controller sent no AnalysisRun")
    return analysis_run


def _text_map(found: object) -> dict[str, str]:
    if not isinstance(found, Mapping):
        raise TypeError(f"expected a mapping, the provider gave {type(found).__name__}")
    if not all(isinstance(text, str) for text in (*found, *found.values())):
        raise TypeError("expected a mapping of str to str, the provider gave other types in it")
    return dict(found)


def _completed(before: Measurement, found: object) -> Measurement:
    """Fills in the times that the controller goes by; refuses what it would misread."""
    if not isinstance(found, Measurement):
        raise TypeError(f"expected a Measurement, the provider gave {type(found).__name__}")
    phase = AnalysisPhase(found.phase)
    if not phase.known:
        raise ValueError(f"the provider gave a measurement of phase {str(phase)!r}")
    if found.finished_at is not None and not phase.completed:
        raise ValueError(f"the provider gave a measurement that is finished and {phase}")
    started_at = found.started_at or before.started_at or _now()
    finished_at = found.finished_at or (_now() if phase.completed else None)
    return replace(found, phase=phase, started_at=started_at, finished_at=finished_at)


def _error_measurement(name: str, before: Measurement, error: Exception) -> dict[str, object]:
    """An Error that ends the measurement and keeps what was known of it (MarkMeasurementError)."""
    return replace(
        before,
        phase=AnalysisPhase.ERROR,
        message=_explain(name, error),
        started_at=before.started_at or _now(),
        finished_at=_now(),
        resume_at=None,
    ).to_gob()


def _rpc_error(name: str, error: Exception) -> dict[str, object]:
    return rpc.RpcError(error_string=_explain(name, error)).to_gob()


def _explain(name: str, error: Exception) -> str:
    """The text for the user, never empty: an empty one would mean success in an RpcError."""
    expected = isinstance(error, ProviderError | SchemaError)
    text = str(error) if expected else f"{type(error).__name__}: {error}"
    _log.warning("%s failed: %s", name, text, exc_info=None if expected else error)
    return text or type(error).__name__


def _now() -> datetime:
    return datetime.now(UTC)
