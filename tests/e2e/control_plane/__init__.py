"""A real Kubernetes control plane with Argo Rollouts, our plugin and the agent, as processes.

etcd, kube-apiserver, kube-controller-manager and rollouts-controller are the official programs, built
by scripts/build-control-plane; the node is `kubelet`, whose pods are processes. Everything listens on
loopback, and ends with the process that started it.
"""

from ._agent import Agent
from ._controllers import Controller
from ._images import shop_images
from ._kind import running_kind
from ._plane import ControlPlane, running_control_plane
from ._programs import Programs, ProgramsMissingError, built_programs
from ._rollouts import ARGO_NAMESPACE, PLUGIN_NAME, RolloutsController
from ._shop import analysis_template, customers, rollout, service
from ._watching import NotInTimeError, rollout_phase, wait_until

__all__ = [
    "ARGO_NAMESPACE",
    "PLUGIN_NAME",
    "Agent",
    "ControlPlane",
    "Controller",
    "NotInTimeError",
    "Programs",
    "ProgramsMissingError",
    "RolloutsController",
    "analysis_template",
    "built_programs",
    "customers",
    "rollout",
    "rollout_phase",
    "running_control_plane",
    "running_kind",
    "service",
    "shop_images",
    "wait_until",
]
