"""`canary-agent serve` as a process that reads the cluster through an account of its own."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx2
import yaml
from kube import Access, Json, KubeClient, kubeconfig_of
from processes import Child, free_ports

from ._rollouts import ARGO_NAMESPACE
from ._setup import Setup

__all__ = ["AGENT_ACCOUNT", "Agent", "agent_objects", "may_read"]

AGENT_ACCOUNT = "canary-agent"
_START_SECONDS = 120.0
_LOOPBACK = "127.0.0.1"
_ROLE = Path(__file__).resolve().parents[3] / "config" / "agent" / "base" / "role.yaml"
_RBAC = "rbac.authorization.k8s.io"


def agent_objects() -> list[Json]:
    """The agent's service account and role; `may_read` binds them to a namespace."""
    return [
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": AGENT_ACCOUNT, "namespace": ARGO_NAMESPACE},
        },
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "ClusterRole",
            "metadata": {"name": AGENT_ACCOUNT},
            # What users install, so that no test gets by with more.
            "rules": yaml.safe_load(_ROLE.read_text())["rules"],
        },
    ]


def may_read(namespace: str) -> Json:
    """Lets the agent read one namespace."""
    subject = {"kind": "ServiceAccount", "name": AGENT_ACCOUNT, "namespace": ARGO_NAMESPACE}
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": AGENT_ACCOUNT, "namespace": namespace},
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": AGENT_ACCOUNT},
        "subjects": [subject],
    }


class Agent:
    """The reference agent; killed and started again it keeps its address and its state.

    Args:
        setup: of the control plane.
        name: of its folder, for its log and state.
        admin: asks for a token of the agent's account.
        options: of `canary-agent serve`.
        environment: more variables.
    """

    def __init__(
        self,
        setup: Setup,
        name: str,
        admin: KubeClient,
        *options: str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._setup = setup
        self._name = name
        self._options = options
        self._child: Child | None = None
        self._environment = dict(environment or {})
        (self._port,) = free_ports(1, setup.host)
        self.url = f"http://{setup.host}:{self._port}"
        token = admin.token(AGENT_ACCOUNT, ARGO_NAMESPACE)
        access = Access(admin.access.server, admin.access.ca, token)
        text = kubeconfig_of(access, ARGO_NAMESPACE)
        self._kubeconfig = setup.write_secret(f"{name}/kubeconfig", text)

    def start(self) -> None:
        """Starts it; returns once it would begin an analysis."""
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("CANARY_AGENT")
        }
        argv: list[str | Path] = [
            Path(sys.executable).with_name("canary-agent"),
            "serve",
            f"--kubeconfig={self._kubeconfig}",
            f"--host={self._setup.host}",
            f"--port={self._port}",
            *([] if self._setup.host == _LOOPBACK else ["--insecure"]),
            f"--state={self._kubeconfig.with_name('agent.sqlite')}",
            *self._options,
        ]
        child = self._child = self._setup.start(
            f"{self._name}/canary-agent", argv, environment=environment | self._environment
        )
        child.wait_for("/readyz", self._ready, _START_SECONDS)

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._child is not None and self._child.running

    def log(self) -> str:
        """All that it has logged since its start."""
        return self._child.output() if self._child else ""

    def kill(self) -> None:
        """SIGKILL, to it and its workers."""
        if self._child:
            self._child.kill_group()

    def stop(self) -> None:
        """Ends it, waiting a little for what it works on."""
        if self._child:
            self._child.stop()

    def _ready(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/readyz", timeout=2.0, trust_env=False).is_success
        except httpx2.TransportError:
            return False
