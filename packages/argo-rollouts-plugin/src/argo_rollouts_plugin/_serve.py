"""Serving a metric provider to the controller.

What is heavy (asyncio, logging, the v1alpha1 types) is imported at the first call, after the
handshake line that the controller waits for.
"""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING, Final

from goplugin import HandshakeConfig, ServeConfig
from goplugin import serve as serve_plugin

if TYPE_CHECKING:
    from collections.abc import Callable

    from goplugin import MuxBroker, Service

    from .metric_provider import MetricProvider

DEFAULT_THREADS: Final = 8
_COLLECT_AFTER: Final = (5_000, 20, 20)
PLUGIN_NAME: Final = "RpcMetricProviderPlugin"
HANDSHAKE: Final = HandshakeConfig(
    protocol_version=1,
    magic_cookie_key="ARGO_ROLLOUTS_RPC_PLUGIN",
    magic_cookie_value="metricprovider",
)


def serve(
    provider: MetricProvider | Callable[[], MetricProvider], *, threads: int = DEFAULT_THREADS
) -> int:
    """Serves a metric provider until the controller ends it; the last thing that a process does.

    The process has to have been started by the controller, or by another go-plugin host; started
    by hand it says what it is. From the first call on, logs of the `logging` module go to the
    controller, from the level in the environment's `LOG_LEVEL` up: panic, fatal, error, warn,
    info, debug or trace; info where it is not set, and, with a warning, where it is unknown.

    Args:
        provider: a provider, or what makes one, such as its class or a function that imports it.
            It is called once, after the handshake: a slow import there keeps nobody waiting.
        threads: how many plain (not async) measuring methods may run at once, 1 or more.

    Returns:
        The exit code for the process: 0, or 1 where it could not serve.

    Raises:
        ValueError: `threads` is below 1.
    """
    if threads < 1:
        raise ValueError(f"threads is {threads}; a plain method needs at least 1 to run in")
    services: list[Service] = []

    def service(_broker: MuxBroker) -> Service:
        if not services:
            services.append(_make_service(provider, threads))
        return services[0]

    return serve_plugin(ServeConfig(HANDSHAKE, {PLUGIN_NAME: service}))


def _make_service(provider: MetricProvider | Callable[[], MetricProvider], threads: int) -> Service:
    from ._host import ProviderHost  # noqa: PLC0415 - after the handshake line
    from ._log import configure_logging  # noqa: PLC0415
    from ._service import metric_provider_service  # noqa: PLC0415

    configure_logging(os.environ)
    return metric_provider_service(ProviderHost(provider, threads, _spare_collector))


def _spare_collector() -> None:
    """Keeps the garbage collector from looking again and again at all that was loaded.

    A call makes some hundred objects and frees them at once; each full collection, on the other hand,
    would hold up Ping for as long as it takes to look at every module.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
