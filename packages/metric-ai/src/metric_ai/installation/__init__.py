"""An installation, looked at from end to end: `metric-ai doctor`."""

from ._examine import examine
from ._place import Place
from ._show import show

__all__ = ["Place", "examine", "show"]
