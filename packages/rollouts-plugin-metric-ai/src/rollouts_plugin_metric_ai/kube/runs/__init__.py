"""AnalysisRuns, watched: which of those that we measure for have ended.

One watch serves all measurements. It asks for tables, so that an event is a few KiB of metadata and the
phase, however large the run is (up to 1.5 MB), and remembers nothing of runs that are not ours.
"""

from ._api import RunApi
from ._row import RunRef, RunRow
from ._watch import RunWatch

__all__ = ["RunApi", "RunRef", "RunRow", "RunWatch"]
