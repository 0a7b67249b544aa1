"""The node whose pods are processes: see `kubelet`."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from kube import Json, KubeClient, kubeconfig_of
from kubelet import Network
from processes import Child

from ._certificates import Authority
from ._kubernetes import ApiServer
from ._setup import Setup

__all__ = ["node_is_ready", "start_node"]

_PACKAGES = Path(__file__).resolve().parents[1]


def start_node(
    setup: Setup,
    authority: Authority,
    api: ApiServer,
    network: Network,
    images: Mapping[str, Json],
) -> Child:
    """Starts the kubelet."""
    pods = setup.folder / "pods"
    pods.mkdir()
    table = setup.folder / "images.json"
    table.write_text(json.dumps(images, indent=1))
    serving = authority.server("kubelet", network.node)
    options = {
        "kubeconfig": setup.write_secret("kubelet.kubeconfig", kubeconfig_of(api.kubelet)),
        "network": network.number,
        "folder": pods,
        "images": table,
        "certificate": serving.certificate,
        "key": serving.key,
        "client-ca": authority.certificate,
    }
    argv = [sys.executable, "-m", "kubelet", *(f"--{name}={of}" for name, of in options.items())]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(_PACKAGES)}
    return setup.start("kubelet", argv, environment=environment)


def node_is_ready(client: KubeClient) -> bool:
    """Whether any node is ready for pods."""
    conditions = [
        condition
        for node in client.objects("Node")
        for condition in node.get("status", {}).get("conditions", [])
    ]
    return any((one["type"], one["status"]) == ("Ready", "True") for one in conditions)
