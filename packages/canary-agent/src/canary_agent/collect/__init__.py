"""Where logs, pods and events come from; everything later sees only a `Sample`."""

from ._attached import AttachedSource
from ._folder import DEFAULT_LIMITS, CollectLimits, FolderSource
from ._model import (
    CollectError,
    ContainerLog,
    ContainerStatus,
    Gap,
    PodEvent,
    PodStatus,
    Sample,
    Side,
    Source,
    Termination,
    TrafficShare,
)
from ._selectors import Requirement, Selector, parse_selector

__all__ = [
    "DEFAULT_LIMITS",
    "AttachedSource",
    "CollectError",
    "CollectLimits",
    "ContainerLog",
    "ContainerStatus",
    "FolderSource",
    "Gap",
    "PodEvent",
    "PodStatus",
    "Requirement",
    "Sample",
    "Selector",
    "Side",
    "Source",
    "Termination",
    "TrafficShare",
    "parse_selector",
]
