"""A plain client of the Kubernetes API for tests: objects are dicts, as `kubectl -o json` shows them."""

from ._access import Access, Json, kubeconfig_of
from ._client import KubeClient, KubeError
from ._namespace import Namespace
from ._resources import Resource, resource_of

__all__ = [
    "Access",
    "Json",
    "KubeClient",
    "KubeError",
    "Namespace",
    "Resource",
    "kubeconfig_of",
    "resource_of",
]
