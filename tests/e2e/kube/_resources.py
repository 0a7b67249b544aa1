"""Where objects of a kind live below the API server's address."""

from dataclasses import dataclass

__all__ = ["Resource", "resource_of"]

_RBAC = "rbac.authorization.k8s.io/v1"
_ARGO = "argoproj.io/v1alpha1"
_CLUSTER_WIDE = {
    "Namespace": "v1",
    "Node": "v1",
    "PersistentVolume": "v1",
    "ClusterRole": _RBAC,
    "ClusterRoleBinding": _RBAC,
    "CustomResourceDefinition": "apiextensions.k8s.io/v1",
    "ClusterAnalysisTemplate": _ARGO,
    "IngressClass": "networking.k8s.io/v1",
    "PriorityClass": "scheduling.k8s.io/v1",
}
_NAMESPACED = {
    "ConfigMap": "v1",
    "Event": "v1",
    "PersistentVolumeClaim": "v1",
    "Pod": "v1",
    "Secret": "v1",
    "Service": "v1",
    "ServiceAccount": "v1",
    "ResourceQuota": "v1",
    "Role": _RBAC,
    "RoleBinding": _RBAC,
    "DaemonSet": "apps/v1",
    "Deployment": "apps/v1",
    "ReplicaSet": "apps/v1",
    "StatefulSet": "apps/v1",
    "CronJob": "batch/v1",
    "Job": "batch/v1",
    "Lease": "coordination.k8s.io/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "Ingress": "networking.k8s.io/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "PodDisruptionBudget": "policy/v1",
    "AnalysisRun": _ARGO,
    "AnalysisTemplate": _ARGO,
    "Experiment": _ARGO,
    "Rollout": _ARGO,
}


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of object.

    Attributes:
        api_version: such as `v1` or `apps/v1`.
        plural: as in paths.
        namespaced: whether its objects live in namespaces.
    """

    api_version: str
    plural: str
    namespaced: bool

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """The path of all objects, or of one."""
        parts = ["/api" if "/" not in self.api_version else "/apis", self.api_version]
        if self.namespaced and namespace:
            parts += ["namespaces", namespace]
        parts += [part for part in (self.plural, name, subresource) if part]
        return "/".join(parts)


def resource_of(kind: str, api_version: str = "") -> Resource:
    """The resource of a kind that the tests use.

    Args:
        kind: such as `Pod`.
        api_version: as in a manifest; default: the usual one of the kind.

    Raises:
        KeyError: a kind that nobody has needed yet; add it above.
    """
    namespaced = kind in _NAMESPACED
    known = (_NAMESPACED if namespaced else _CLUSTER_WIDE)[kind]
    lower = kind.lower()
    plural = lower[:-1] + "ies" if lower.endswith("y") else lower + "s"
    if lower.endswith("ss"):
        plural = lower + "es"
    return Resource(api_version or known, plural, namespaced)
