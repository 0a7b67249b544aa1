"""The verdict that an AnalysisRun holds: `metric-ai explain`."""

from ._explain import explain
from ._find import find_run

__all__ = ["explain", "find_run"]
