"""Write Argo Rollouts metric provider plugins in Python.

    from argo_rollouts_plugin import MetricProvider, serve
    from argo_rollouts_plugin.v1alpha1 import AnalysisPhase, Measurement

    class Always(MetricProvider):
        def run(self, analysis_run, metric):
            return Measurement(phase=AnalysisPhase.SUCCESSFUL, value="1")

    if __name__ == "__main__":
        raise SystemExit(serve(Always))

`conditions` evaluates a metric's successCondition and failureCondition; `client` is the
controller's side of the calls, for tests.

Names are imported when they are first used, so that a plugin can give `serve` a function that
imports its provider and have the handshake line out before.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._errors import ProviderError
    from ._serve import serve
    from .metric_provider import MetricProvider

__all__ = ["MetricProvider", "ProviderError", "serve"]

_HOMES = {
    "MetricProvider": ".metric_provider",
    "ProviderError": "._errors",
    "serve": "._serve",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name], __name__), name)
    globals()[name] = value
    return value
