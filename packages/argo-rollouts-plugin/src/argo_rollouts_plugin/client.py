"""The controller's side of a metric provider plugin: for tests, demonstrations and dry runs.

The seven methods give what `metricproviders/plugin/rpc/rpc.go` gives the controller: a failing call
never raises, it is a measurement of phase Error, an RpcError, or the key `error`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self

from goplugin import Client, LogLine, PluginError, ProtocolError, RpcClient
from goplugin.wire import gob

from . import rpc
from ._serve import HANDSHAKE, PLUGIN_NAME
from .v1alpha1 import AnalysisPhase, AnalysisRun, GoStruct, Measurement, Metric, SchemaError

DEFAULT_CALL_TIMEOUT: Final = 60.0
_FAILURES: Final = (PluginError, ProtocolError, SchemaError)


class MetricProviderClient:
    """Runs a plugin as a child process and calls it; usable from many threads at once.

    Args:
        argv: the plugin's executable and its arguments.
        env: the plugin's environment, instead of this process's own.
        call_timeout: seconds that one call may take, more than 0.
        start_timeout: seconds from the start of the process to its handshake line.
        on_log: gets each line of the plugin's log, in a thread that it must not block.

    Attributes:
        host: the go-plugin host below.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        call_timeout: float = DEFAULT_CALL_TIMEOUT,
        start_timeout: float = 60.0,
        on_log: Callable[[LogLine], None] | None = None,
    ) -> None:
        self.host = Client(argv, HANDSHAKE, env=env, start_timeout=start_timeout, on_log=on_log)
        self._call_timeout = call_timeout
        self._plugin: RpcClient | None = None

    def start(self) -> None:
        """Starts the process and dispenses the plugin, without InitPlugin.

        Raises:
            PluginError: the process did not become a plugin in time.
        """
        self.host.start()
        self._plugin = self.host.dispense(PLUGIN_NAME)

    def ping(self, timeout: float = 10.0) -> float:
        """Asks for a sign of life; returns the seconds it took.

        Raises:
            PluginError: none came in `timeout` seconds, or the plugin is gone.
        """
        return self.host.ping(timeout)

    def quit(self) -> int:
        """Ends the plugin in order; returns its exit code.

        Raises:
            PluginError: it does not answer or does not end; `kill` it.
        """
        return self.host.quit()

    def kill(self, grace: float = 2.0) -> int | None:
        """Ends the plugin for certain, by force after `grace` seconds; 0 means at once."""
        return self.host.kill(grace)

    @property
    def pid(self) -> int:
        """The process id.

        Raises:
            PluginError: it was not started.
        """
        return self.host.pid

    def __enter__(self) -> Self:
        try:
            self.start()
        except PluginError:
            self.kill(0)
            raise
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()

    def init_plugin(self) -> rpc.RpcError:
        """`InitPlugin`: gets the provider ready."""
        return self._rpc_error("InitPlugin", None)

    def run(self, analysis_run: AnalysisRun | None, metric: Metric) -> Measurement:
        """`Run`: starts a measurement."""
        args = rpc.RunArgs(analysis_run=analysis_run, metric=metric)
        return self._measurement("Run", args)

    def resume(
        self, analysis_run: AnalysisRun | None, metric: Metric, measurement: Measurement
    ) -> Measurement:
        """`Resume`: looks after a measurement under way."""
        args = rpc.TerminateAndResumeArgs(
            analysis_run=analysis_run, metric=metric, measurement=measurement
        )
        return self._measurement("Resume", args)

    def terminate(
        self, analysis_run: AnalysisRun | None, metric: Metric, measurement: Measurement
    ) -> Measurement:
        """`Terminate`: stops a measurement under way."""
        args = rpc.TerminateAndResumeArgs(
            analysis_run=analysis_run, metric=metric, measurement=measurement
        )
        return self._measurement("Terminate", args)

    def garbage_collect(
        self, analysis_run: AnalysisRun | None, metric: Metric, limit: int
    ) -> rpc.RpcError:
        """`GarbageCollect`: removes what belongs to measurements beyond the latest `limit`."""
        args = rpc.GarbageCollectArgs(analysis_run=analysis_run, metric=metric, limit=limit)
        return self._rpc_error("GarbageCollect", args)

    def type(self) -> str:
        """`Type`: the provider's type, or the text of an error."""
        try:
            return str(self._call("Type", None))
        except _FAILURES as error:
            return _failed("Type", error)

    def get_metadata(self, metric: Metric) -> dict[str, str]:
        """`GetMetadata`: what is shown on the metric."""
        try:
            found = self._call("GetMetadata", rpc.GetMetadataArgs(metric=metric))
            metadata = {str(key): str(value) for key, value in _mapping(found).items()}
        except _FAILURES as error:
            return {"error": _failed("GetMetadata", error)}
        if metadata.get("error"):
            metadata["error"] = f"failed to get metadata via plugin: {metadata['error']}"
        return metadata

    def _measurement(self, method: str, args: GoStruct) -> Measurement:
        try:
            measurement = Measurement.from_gob(self._call(method, args))
        except _FAILURES as error:
            return Measurement(
                phase=AnalysisPhase.ERROR,
                message=_failed(method, error),
                finished_at=datetime.now(UTC),
            )
        if measurement.phase != AnalysisPhase.ERROR:
            return measurement
        text = f"failed to {method.lower()} via plugin: {measurement.message}"
        return replace(measurement, message=text)

    def _rpc_error(self, method: str, args: GoStruct | None) -> rpc.RpcError:
        try:
            return rpc.RpcError.from_gob(self._call(method, args))
        except _FAILURES as error:
            return rpc.RpcError(error_string=_failed(method, error))

    def _call(self, method: str, args: GoStruct | None) -> object:
        if self._plugin is None:
            raise RuntimeError(
                "the plugin is not started; call start() or use the client in `with`"
            )
        sent = None if args is None else rpc.write_args(args)
        return self._plugin.call(f"Plugin.{method}", gob.INTERFACE, sent, self._call_timeout)


def as_stored(measurement: Measurement) -> Measurement:
    """A measurement as the API server gives it back between two calls: metav1.Time has whole seconds."""
    return replace(
        measurement,
        started_at=_whole(measurement.started_at),
        resume_at=_whole(measurement.resume_at),
    )


def _whole(moment: datetime | None) -> datetime | None:
    return moment.replace(microsecond=0) if moment else None


def _failed(method: str, error: Exception) -> str:
    return f"{method} rpc call error: {error}"


def _mapping(value: object) -> Mapping[object, object]:
    if not isinstance(value, Mapping):
        raise SchemaError(f"expected a map, found {type(value).__name__}")
    return value
