"""Argo Rollouts in the API server, and its controller as a process with our plugin."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import httpx2
from kube import Access, Json, KubeClient, kubeconfig_of
from processes import Child, free_ports

from ._programs import Programs
from ._setup import Setup

__all__ = [
    "ARGO_NAMESPACE",
    "LEASE",
    "PLUGIN_NAME",
    "RolloutsController",
    "install_rollouts",
    "plugin_config",
]

ARGO_NAMESPACE = "argo-rollouts"
PLUGIN_NAME = "argoproj-labs/metric-ai"
_ACCOUNT = "argo-rollouts"
LEASE = "argo-rollouts-controller-lock"
_START_SECONDS = 120.0
# A controller waits out the lease of one that was killed: 15 s, and up to 2 s more.
_LEAD_SECONDS = 120.0


def install_rollouts(client: KubeClient, programs: Programs, plugin: Path) -> None:
    """Applies Argo's official install.yaml without its Deployment, and names the plugin.

    Custom resources can be created once this returns.
    """
    client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ARGO_NAMESPACE}})
    objects = [one for one in programs.argo_manifests() if one["kind"] != "Deployment"]
    client.apply(*objects, namespace=ARGO_NAMESPACE)
    client.apply(plugin_config(plugin))


def plugin_config(plugin: Path) -> Json:
    """The ConfigMap by which a controller finds the plugin, at its start."""
    entries = f"- name: {PLUGIN_NAME}\n  location: file://{plugin}\n"
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "argo-rollouts-config", "namespace": ARGO_NAMESPACE},
        "data": {"metricProviderPlugins": entries},
    }


class RolloutsController:
    """See `Controller`: the official program, with the rights of the official manifests.

    Args:
        setup: its folder is for the log and the working folders.
        admin: asks for a token of the controller's service account.
    """

    def __init__(self, setup: Setup, admin: KubeClient) -> None:
        self._setup = setup
        self._admin = admin
        self._children: list[Child] = []
        self.environment: dict[str, str] = {}
        """More variables, for the controller and its plugin, from the next start on."""

    def start(self, *, wait_for_lease: bool = True) -> None:
        """Starts a controller in a fresh working folder; returns once it leads."""
        if not wait_for_lease:
            self._admin.delete("Lease", LEASE, ARGO_NAMESPACE)
        work = self._setup.folder / f"controller-{len(self._children) + 1}"
        (work / "tmp").mkdir(parents=True)
        metrics, health = free_ports(2)
        argv: list[str | Path] = [
            self._setup.programs.path("rollouts-controller"),
            f"--metricsPort={metrics}",
            f"--healthzPort={health}",
            "--loglevel=debug",
        ]
        child = self._setup.start(
            "rollouts-controller", argv, folder=work, environment=self._environment(work)
        )
        self._children.append(child)
        url = f"http://127.0.0.1:{health}/healthz"
        child.wait_for("/healthz", lambda: _answers(url), _START_SECONDS)
        child.wait_for_line(r"Started \d+ analysis workers", _LEAD_SECONDS)

    @property
    def _child(self) -> Child:
        return self._children[-1]

    @property
    def pid(self) -> int:
        """The controller's process id."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether the controller runs."""
        return self._child.running

    def plugin_pids(self) -> list[int]:
        """The plugin's processes, also those that killed controllers left behind."""
        return [pid for child in self._children for pid in child.others()]

    def kill_plugin(self) -> None:
        """SIGKILL to the plugin alone; the controller starts another one when it needs it."""
        for pid in self.plugin_pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def log(self) -> str:
        """All that this controller and its plugin have logged since its start."""
        return self._child.output()

    def log_tail(self) -> str:
        """The last lines."""
        return self._child.tail()

    def kill(self) -> None:
        """SIGKILL to the controller alone: its plugin finds itself without a host."""
        self._child.kill()

    def stop(self) -> None:
        """Ends the controller in order, and then whatever is left of its plugin."""
        for child in self._children:
            child.stop()

    def restart(self, *, wait_for_lease: bool = True) -> None:
        """`stop`, and a new one."""
        self.stop()
        self.start(wait_for_lease=wait_for_lease)

    def _environment(self, work: Path) -> dict[str, str]:
        token = self._admin.token(_ACCOUNT, ARGO_NAMESPACE)
        access = Access(self._admin.access.server, self._admin.access.ca, token)
        text = kubeconfig_of(access, ARGO_NAMESPACE)
        kubeconfig = self._setup.write_secret(f"{work.name}/kubeconfig", text)
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(work),
            "TMPDIR": str(work / "tmp"),
            "KUBECONFIG": str(kubeconfig),
            "LOG_LEVEL": "debug",
            **self.environment,
        }


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=2.0, trust_env=False).is_success
    except httpx2.TransportError:
        return False
