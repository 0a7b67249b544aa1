"""Samples from a cluster, through its Kubernetes API (1.25 and newer).

The account needs, in each namespace that it judges: pods list, pods/log get, events list.
"""

from ._access import Access
from ._limits import DEFAULT_LIMITS, KubernetesLimits
from ._namespaces import ANY_NAMESPACE
from ._source import KubernetesSource

__all__ = [
    "ANY_NAMESPACE",
    "DEFAULT_LIMITS",
    "Access",
    "KubernetesLimits",
    "KubernetesSource",
]
