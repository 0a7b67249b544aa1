"""The Kubernetes API, as far as the plugin needs it: pods, their logs, and which belong to a Rollout.

Over the connections that the A2A client uses too (`http1`), but not over that client: it is made for
strangers' addresses (host policy, the system's CAs, whole JSON answers), while the API server is the
operator's own, is trusted by its own CA alone, and streams. Importing this is cheap; h11 is imported with
the first request.
"""

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
