"""Root causes and remedies by a table of signatures."""

from ._find import Cause, find_cause
from ._signature import Signature
from ._table import SIGNATURES

__all__ = ["SIGNATURES", "Cause", "Signature", "find_cause"]
