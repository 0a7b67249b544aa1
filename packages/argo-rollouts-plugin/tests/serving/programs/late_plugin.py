"""A plugin whose provider takes its time to be imported, and whose init fails where it is told to."""

import os
import sys
import time

from argo_rollouts_plugin import serve


def make():  # type: ignore[no-untyped-def]  # noqa: ANN201 - its type is what is imported late
    from argo_rollouts_plugin import MetricProvider  # noqa: PLC0415
    from argo_rollouts_plugin.v1alpha1 import AnalysisPhase, Measurement  # noqa: PLC0415

    class Late(MetricProvider):
        def init(self) -> None:
            if not os.path.exists(sys.argv[1]):  # noqa: PTH110 - pathlib is heavy, and this is about imports
                raise FileNotFoundError("not yet")

        def run(self, analysis_run, metric):  # type: ignore[no-untyped-def]  # noqa: ANN202, ANN001
            if metric.name == "hang":
                time.sleep(3600)
            return Measurement(phase=AnalysisPhase.SUCCESSFUL)

    return Late()


if __name__ == "__main__":
    early = [name for name in ("asyncio", "argo_rollouts_plugin.v1alpha1") if name in sys.modules]
    assert not early, f"imported before the handshake: {early}"
    raise SystemExit(serve(make, threads=2))
