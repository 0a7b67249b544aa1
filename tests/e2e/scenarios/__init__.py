"""What users live through, each on the real controller: see `IN_ORDER` for the list.

A scenario is a function that is given a `Stage`. Most run at the same time, in namespaces of their own;
those that kill what all share follow, one after the other.
"""

from . import aborts, analyses, inputs, kills, measurements, neighbours, rollouts, tokens
from ._registry import SCENARIOS, Scenario
from ._report import Report
from ._running import Running
from ._script import AgentLoop, Script
from ._stage import Stage, metric

__all__ = ["IN_ORDER", "AgentLoop", "Report", "Running", "Scenario", "Script", "Stage", "metric"]

_MODULES = (neighbours, rollouts, aborts, kills, measurements, analyses, tokens, inputs)
IN_ORDER = tuple(
    one
    for module in _MODULES
    for one in SCENARIOS.values()
    if one.play.__module__ == module.__name__
)
"""All scenarios, as the table has them."""
