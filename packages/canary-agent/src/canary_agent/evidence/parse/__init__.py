"""What applications write, read into templates, severities, status classes and durations."""

from ._crash import python_crash
from ._lines import MAX_LINE_BYTES
from ._mask import MASK, mask
from ._observe import Observation, Parser, Template
from ._records import Record
from ._severity import Severity

__all__ = [
    "MASK",
    "MAX_LINE_BYTES",
    "Observation",
    "Parser",
    "Record",
    "Severity",
    "Template",
    "mask",
    "python_crash",
]
