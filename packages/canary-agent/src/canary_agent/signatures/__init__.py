"""Root causes and remedies by a table of signatures."""

from ._find import Cause, find_cause
from ._signature import Depth, Signature
from ._table import SIGNATURES

__all__ = ["SIGNATURES", "Cause", "Depth", "Signature", "find_cause"]
