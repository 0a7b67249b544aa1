"""A metric as the controller would run it, through the plugin's own file: `metric-ai try`."""

from ._measure import Trial, measure
from ._plugin_file import plugin_file
from ._prepare import Prepared, Wanted, prepare
from ._show import show_measurement

__all__ = [
    "Prepared",
    "Trial",
    "Wanted",
    "measure",
    "plugin_file",
    "prepare",
    "show_measurement",
]
