"""The real plugin, started and initialised as the controller does."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from argo_rollouts_plugin.client import MetricProviderClient
from argo_rollouts_plugin.v1alpha1 import Metric
from goplugin import PluginError

from .errors import DemoError

__all__ = ["check_type", "started_plugin"]

_TYPE = "MetricAI"
_START_SECONDS = 30.0
_CALL_SECONDS = 30.0
_OPERATORS_SETTINGS = "METRIC_AI_"


@contextmanager
def started_plugin(program: Path) -> Iterator[MetricProviderClient]:
    """Starts the plugin and calls InitPlugin; ends it at the end, by force where need be.

    Raises:
        DemoError: it does not come up, or InitPlugin fails.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_OPERATORS_SETTINGS)
    }
    client = MetricProviderClient(
        [str(program)], env=environment, call_timeout=_CALL_SECONDS, start_timeout=_START_SECONDS
    )
    try:
        client.start()
        failure = client.init_plugin().error_string
        if failure:
            raise DemoError(f"the plugin {program}: InitPlugin failed: {failure}")
        yield client
    except PluginError as error:
        raise DemoError(f"the plugin {program} did not come up: {error}") from error
    finally:
        client.kill()


def check_type(client: MetricProviderClient, metric: Metric) -> str:
    """The plugin's type, once Type and GetMetadata have answered as they should.

    Raises:
        DemoError: it is of another type, or has no metadata for the metric.
    """
    kind = client.type()
    if kind != _TYPE:
        raise DemoError(f"the plugin's Type: found {kind!r}, expected {_TYPE!r}")
    error = client.get_metadata(metric).get("error", "")
    if error:
        raise DemoError(f"the plugin's GetMetadata: {error}")
    return kind
