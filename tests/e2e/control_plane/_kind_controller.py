"""The controller as the Deployment of the official install, in a Kind cluster; see `_kind`."""

import re
import subprocess
import time
from collections.abc import Callable

from kube import Json, KubeClient, KubeError

from ._rollouts import ARGO_NAMESPACE, LEASE

__all__ = ["KindController"]

_NAME = "argo-rollouts"
_LABELS = f"app.kubernetes.io/name={_NAME}"
_SECONDS = 180.0
_POLL_SECONDS = 0.5
_CALL_SECONDS = 60
_TAIL = 40


class KindController:
    """See `Controller`. The plugin shares the controller's container, and so ends with it.

    Args:
        client: may do everything.
        node: the Docker container that is the cluster's node.
    """

    def __init__(self, client: KubeClient, node: str) -> None:
        self._client = client
        self._node = node
        self.environment: dict[str, str] = {}

    @property
    def running(self) -> bool:
        """Whether a pod of it is ready."""
        return any(_ready(pod) for pod in self._pods())

    def start(self, *, wait_for_lease: bool = True) -> None:
        """One replica with the present environment; returns once it leads."""
        if not wait_for_lease:
            self._client.delete("Lease", LEASE, ARGO_NAMESPACE)
        given = {"LOG_LEVEL": "debug", **self.environment}
        env = [{"name": name, "value": value} for name, value in given.items()]
        deployment = self._client.get("Deployment", _NAME, ARGO_NAMESPACE)
        container = deployment["spec"]["template"]["spec"]["containers"][0] | {"env": env}
        template = {"spec": {"containers": [container]}}
        change = {"spec": {"replicas": 1, "template": template}}
        self._client.patch("Deployment", _NAME, change, ARGO_NAMESPACE)
        self._wait(lambda: re.search(r"Started \d+ analysis workers", self.log()) is not None)

    def stop(self) -> None:
        """No replicas; returns once the last pod is gone."""
        self._client.patch("Deployment", _NAME, {"spec": {"replicas": 0}}, ARGO_NAMESPACE)
        self._wait(lambda: not self._pods())

    def kill(self) -> None:
        """SIGKILL; the node starts it again, unlike a controller that is a process here."""
        self._kill("rollouts-controller")

    def restart(self, *, wait_for_lease: bool = True) -> None:
        """`stop`, and a new one."""
        self.stop()
        self.start(wait_for_lease=wait_for_lease)

    def plugin_pids(self) -> list[int]:
        """The plugin's processes, as the node numbers them."""
        found = self._on_node("pgrep", "-f", "plugin-bin/argoproj-labs/metric-ai")
        return [int(word) for word in found.split()]

    def kill_plugin(self) -> None:
        """SIGKILL to the plugin alone."""
        self._kill("plugin-bin/argoproj-labs/metric-ai")

    def log(self) -> str:
        """The log of the present pod; empty where there is none."""
        return self._log()

    def log_tail(self) -> str:
        """The last lines."""
        return self._log(tailLines=_TAIL)

    def _log(self, **options: object) -> str:
        try:
            names = [pod["metadata"]["name"] for pod in self._pods()]
            return self._client.log(names[0], ARGO_NAMESPACE, **options) if names else ""
        except KubeError:
            return ""

    def _pods(self) -> list[Json]:
        return self._client.objects("Pod", ARGO_NAMESPACE, labels=_LABELS)

    def _kill(self, pattern: str) -> None:
        self._on_node("pkill", "--signal=KILL", "-f", pattern)

    def _on_node(self, *argv: str) -> str:
        done = subprocess.run(
            ["docker", "exec", self._node, *argv],
            capture_output=True,
            text=True,
            timeout=_CALL_SECONDS,
            check=False,
        )
        return done.stdout

    def _wait(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _SECONDS
        while not holds():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{_NAME} within {_SECONDS:g} s:\n{self.log_tail()}")
            time.sleep(_POLL_SECONDS)


def _ready(pod: Json) -> bool:
    conditions = pod.get("status", {}).get("conditions", [])
    return any((one["type"], one["status"]) == ("Ready", "True") for one in conditions)
