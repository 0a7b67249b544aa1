"""Root causes and remedies by a table of signatures."""

from ._find import Cause, find_cause
from ._table import SIGNATURES, Signature

__all__ = ["SIGNATURES", "Cause", "Signature", "find_cause"]
