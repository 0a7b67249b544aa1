"""What applications write, read into templates, severities, status classes and durations.

`Parser` is in the module `_observe`, which loads polars: only a process that judges imports it.
"""

from ._bounds import MAX_LINE_BYTES
from ._crash import exception_type, python_crash
from ._mask import MASK, mask
from ._numbers import status_of
from ._records import Record
from ._severity import Severity
from ._template import Group, Template

__all__ = [
    "MASK",
    "MAX_LINE_BYTES",
    "Group",
    "Record",
    "Severity",
    "Template",
    "exception_type",
    "mask",
    "python_crash",
    "status_of",
]
