"""The Kubernetes API, as far as the plugin needs it: pods, their logs, and which belong to a Rollout.

Over the connections that the A2A client uses too (`http1`), but not over that client: it is made for
strangers' addresses (host policy, the system's CAs, whole JSON answers), while the API server is the
operator's own, is trusted by its own CA alone, and streams. Names are imported when
they are first used, so that the watch (`runs`) does not load what logs need; h11 is imported with the first
request.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._access import ClusterAccess, find_access
    from ._api import KubeApi, LogQuery, LogText, PodList
    from ._attach import LogAttacher
    from ._errors import KubeError, KubeRefusedError, KubeUnreachableError, NoAccessError
    from ._limits import DEFAULT_LIMITS, KubeLimits
    from ._objects import Container, Pod, read_pod

__all__ = [
    "DEFAULT_LIMITS",
    "ClusterAccess",
    "Container",
    "KubeApi",
    "KubeError",
    "KubeLimits",
    "KubeRefusedError",
    "KubeUnreachableError",
    "LogAttacher",
    "LogQuery",
    "LogText",
    "NoAccessError",
    "Pod",
    "PodList",
    "find_access",
    "read_pod",
]

_HOMES = {
    "_access": ("ClusterAccess", "find_access"),
    "_api": ("KubeApi", "LogQuery", "LogText", "PodList"),
    "_attach": ("LogAttacher",),
    "_errors": ("KubeError", "KubeRefusedError", "KubeUnreachableError", "NoAccessError"),
    "_limits": ("DEFAULT_LIMITS", "KubeLimits"),
    "_objects": ("Container", "Pod", "read_pod"),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            value: object = getattr(import_module(f".{home}", __name__), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
