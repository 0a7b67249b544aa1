"""What the logs, pods and events of both sides say, by counting and testing; it judges nothing."""

from ._accepted import PolicyError
from ._examine import examine
from ._finding import Finding, Findings, Kind, SideSummary
from ._hard import ENDS, NAMES_A_CAUSE, PROBES
from ._read import Cancelled
from ._table import SampleLine

__all__ = [
    "ENDS",
    "NAMES_A_CAUSE",
    "PROBES",
    "Cancelled",
    "Finding",
    "Findings",
    "Kind",
    "PolicyError",
    "SampleLine",
    "SideSummary",
    "examine",
]
