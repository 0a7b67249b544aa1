"""The node: what it says of itself, and which pods it runs."""

import asyncio
import logging
from collections.abc import Iterator, Mapping

from kube import Json

from ._api import Api, ApiRefusedError
from ._events import now
from ._pod import Pod
from ._runner import Settings

__all__ = ["Node", "register"]

_log = logging.getLogger("kubelet.node")
_CONFLICT = 409
_FULL = {"cpu": "64", "memory": "64Gi", "ephemeral-storage": "64Gi", "pods": "1000"}


async def register(api: Api, name: str, address: str, port: int) -> None:
    """Makes the Node object and says that it is ready."""
    node: Json = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}},
    }
    try:
        await api.call("POST", "/api/v1/nodes", json=node)
    except ApiRefusedError as error:
        if error.status != _CONFLICT:
            raise
    ready = {
        "type": "Ready",
        "status": "True",
        "reason": "KubeletReady",
        "message": "processes of this machine are ready to be pods",
        "lastHeartbeatTime": now(),
        "lastTransitionTime": now(),
    }
    addresses = [
        {"type": "InternalIP", "address": address},
        {"type": "Hostname", "address": name},
    ]
    status = {
        "addresses": addresses,
        "capacity": _FULL,
        "allocatable": _FULL,
        "conditions": [ready],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
        "nodeInfo": _info(),
    }
    await api.patch(f"/api/v1/nodes/{name}/status", {"status": status})


class Node:
    """Runs the pods of one node, and takes those that name none: there is no scheduler.

    Attributes:
        pods: by namespace and name.
    """

    def __init__(self, settings: Settings, name: str, addresses: Iterator[str]) -> None:
        self.pods: dict[tuple[str, str], Pod] = {}
        self._settings = settings
        self._name = name
        self._addresses = addresses
        self._ending: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Follows the pods of the whole cluster, for ever."""
        async for kind, pod in self._settings.api.watch("/api/v1/pods"):
            if pod["spec"].get("nodeName", "") == "":
                await self._bind(kind, pod)
            elif pod["spec"]["nodeName"] == self._name:
                self._seen(kind, pod)

    def _seen(self, kind: str, pod: Json) -> None:
        key = (pod["metadata"]["namespace"], pod["metadata"]["name"])
        known = self.pods.get(key)
        if known and known.object["metadata"]["uid"] != pod["metadata"]["uid"]:
            # Deleted and made anew under the same name: the old one's DELETED may come later.
            if kind != "DELETED":
                self._forget(key)
                self._add(key, pod)
            return
        if kind == "DELETED":
            if known:
                self._forget(key)
        elif known:
            known.seen(pod)
        elif pod.get("status", {}).get("phase") not in ("Succeeded", "Failed"):
            self._add(key, pod)

    def _add(self, key: tuple[str, str], pod: Json) -> None:
        added = self.pods[key] = Pod(self._settings, pod, next(self._addresses))
        added.seen(pod)

    def _forget(self, key: tuple[str, str]) -> None:
        task = asyncio.create_task(self.pods.pop(key).gone())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _bind(self, kind: str, pod: Json) -> None:
        metadata = pod["metadata"]
        if kind == "DELETED" or metadata.get("deletionTimestamp"):
            return
        binding = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": metadata["name"]},
            "target": {"apiVersion": "v1", "kind": "Node", "name": self._name},
        }
        path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}/binding"
        try:
            await self._settings.api.call("POST", path, json=binding)
        except ApiRefusedError as error:
            _log.info("%s", error)


def _info() -> Mapping[str, str]:
    names = (
        "machineID",
        "systemUUID",
        "bootID",
        "kernelVersion",
        "osImage",
        "containerRuntimeVersion",
        "kubeletVersion",
        "kubeProxyVersion",
        "operatingSystem",
        "architecture",
    )
    return dict.fromkeys(names, "") | {"kubeletVersion": "v1.34.1", "operatingSystem": "linux"}
