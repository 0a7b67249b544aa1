"""What a metric provider plugin implements."""

# ruff: noqa: ARG002 - the defaults ignore what their overriders are given

from collections.abc import Awaitable, Mapping
from typing import TypeAlias, TypeVar

from ._errors import ProviderError
from .v1alpha1 import AnalysisRun, Measurement, Metric

_T = TypeVar("_T")
MaybeAwaitable: TypeAlias = _T | Awaitable[_T]


class MetricProvider:
    """Base class of a plugin; only `run` has to be written.

    Each method may be plain or `async`. Async ones run on one event loop; plain ones run in a
    bounded pool of threads and should come back in good time, since the controller blocks one of
    its 30 workers for as long as a call takes. Many calls run at once, on one provider object.

    An exception never ends the process and never passes: in `run`, `resume` and `terminate` it
    becomes a measurement of phase Error, in `init` and `garbage_collect` an RpcError, in
    `metadata` the key `error`. (utils/plugin/types/types.go, `RpcMetricProvider`.)
    """

    def init(self) -> MaybeAwaitable[None]:
        """Gets ready, once, before any other call but `type`; after a failure it is tried again."""

    def run(self, analysis_run: AnalysisRun, metric: Metric) -> MaybeAwaitable[Measurement]:
        """Starts a measurement.

        Returns:
            A finished measurement, or one of phase Running with `resume_at`, which the controller
            gives to `resume` then. `started_at`, and `finished_at` of a completed phase, are
            filled in where they are left out.
        """
        raise NotImplementedError

    def resume(
        self, analysis_run: AnalysisRun, metric: Metric, measurement: Measurement
    ) -> MaybeAwaitable[Measurement]:
        """Looks after a measurement under way, also one that an earlier process began."""
        raise ProviderError(f"{type(self).__name__} leaves no measurement open, cannot resume one")

    def terminate(
        self, analysis_run: AnalysisRun, metric: Metric, measurement: Measurement
    ) -> MaybeAwaitable[Measurement]:
        """Stops a measurement under way and returns it finished."""
        raise ProviderError(f"{type(self).__name__} leaves no measurement open, cannot end one")

    def garbage_collect(
        self, analysis_run: AnalysisRun, metric: Metric, limit: int
    ) -> MaybeAwaitable[None]:
        """Removes what belongs to measurements beyond the latest `limit` ones."""

    def type(self) -> MaybeAwaitable[str]:
        """The provider's type as shown to users; constant, asked once."""
        return type(self).__name__

    def metadata(self, metric: Metric) -> MaybeAwaitable[Mapping[str, str]]:
        """What is shown on the metric itself; the key `error` is reserved for errors."""
        return {}
