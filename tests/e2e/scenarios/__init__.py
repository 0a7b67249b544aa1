"""What users live through, each on the real controller: see `SCENARIOS` for the list.

A scenario is a function that is given a `Stage`. Most run at the same time, in namespaces of their own;
those that kill what all share follow, one after the other.
"""

from . import aborts, analyses, inputs, kills, measurements, neighbours, rollouts, tokens
from ._registry import SCENARIOS, Scenario
from ._report import Report
from ._running import Running
from ._script import AgentLoop
from ._stage import Stage

__all__ = ["SCENARIOS", "AgentLoop", "Report", "Running", "Scenario", "Stage"]

# The table's order; each module has added its scenarios on import.
MODULES = (rollouts, neighbours, aborts, kills, measurements, analyses, tokens, inputs)
