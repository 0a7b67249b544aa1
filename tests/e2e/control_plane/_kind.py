"""The same in a Kind cluster, for machines with a Docker engine.

There was none where this was written: it has been read and typed, not run.
"""

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import yaml
from kube import Access, Json, KubeClient
from processes import Watchdog

from ._agent import agent_objects
from ._kind_controller import KindController
from ._plane import ControlPlane
from ._programs import Programs
from ._rollouts import ARGO_NAMESPACE, plugin_config
from ._setup import Setup

__all__ = ["running_kind"]

# `go run` checks the module against the checksum database, as for any tool.
_KIND = ("go", "run", "sigs.k8s.io/kind@v0.30.0")
_NAME = "metric-ai-e2e"
_NODE = f"{_NAME}-control-plane"
_IMAGES = Path(__file__).resolve().parents[3]
_PLUGIN_FOLDER = "/metric-ai"
_SECONDS = 900
_VERSIONS = ("stable", "healthy", "error-burst", "crash-loop", "slow", "quiet-errors", "injection")


@contextmanager
def running_kind(
    folder: Path, programs: Programs, plugin: Path, say: Callable[[str], None] = lambda _: None
) -> Iterator[ControlPlane]:
    """A Kind cluster with Argo Rollouts, our plugin and the shop's images.

    The agent runs on this machine, on the address of Kind's network, which pods can reach.

    Raises:
        subprocess.CalledProcessError: docker or kind refused; its output is on stderr.
    """
    with ExitStack() as stack:
        say("a Kind cluster")
        cluster = {
            "kind": "Cluster",
            "apiVersion": "kind.x-k8s.io/v1alpha4",
            "nodes": [
                {
                    "role": "control-plane",
                    "extraMounts": [
                        {"hostPath": str(plugin.parent), "containerPath": _PLUGIN_FOLDER}
                    ],
                }
            ],
        }
        stack.callback(_run, *_KIND, "delete", "cluster", f"--name={_NAME}")
        config = folder / "kind.kubeconfig"
        _run(
            *(*_KIND, "create", "cluster", f"--name={_NAME}", "--config=-", "--wait=120s"),
            f"--kubeconfig={config}",
            text=json.dumps(cluster),
        )
        _load_images(say)
        setup = Setup(programs, folder, stack.enter_context(Watchdog()), _gateway())
        client = stack.enter_context(KubeClient(_admin(programs, folder, config)))
        install(client, programs, plugin)
        client.apply(*agent_objects())
        say("rollouts-controller with the plugin")
        controller = KindController(client, _NODE)
        controller.start()
        yield ControlPlane(setup, client, controller)


def install(client: KubeClient, programs: Programs, plugin: Path) -> None:
    """Argo's official install, whose controller sees the plugin's folder at /metric-ai."""
    client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ARGO_NAMESPACE}})
    client.apply(plugin_config(Path(_PLUGIN_FOLDER) / plugin.name))
    for one in programs.argo_manifests():
        if one["kind"] == "Deployment":
            one["spec"]["replicas"] = 0
            pod = one["spec"]["template"]["spec"]
            pod["volumes"].append({"name": "metric-ai", "hostPath": {"path": _PLUGIN_FOLDER}})
            mount = {"name": "metric-ai", "mountPath": _PLUGIN_FOLDER, "readOnly": True}
            pod["containers"][0]["volumeMounts"].append(mount)
            pod["containers"][0]["args"] = ["--loglevel=debug"]
            pod["containers"][0]["image"] = "quay.io/argoproj/argo-rollouts:v1.9.1"
        if one["metadata"]["name"] != "argo-rollouts-config":
            client.apply(one, namespace=ARGO_NAMESPACE)


def _load_images(say: Callable[[str], None]) -> None:
    say("the shop's images")
    shop = _IMAGES / "images" / "shop" / "Dockerfile"
    _run("docker", "build", "--tag=shop", f"--file={shop}", str(_IMAGES))
    listens = json.dumps(["--host=0.0.0.0", "--port=8080"])
    images = {
        f"shop:{version}": (["python3", "-m", "shop", f"--version={version}"], listens)
        for version in _VERSIONS
    }
    images["shop-traffic:1"] = (["python3", "-m", "shop.traffic"], "[]")
    images["python:3"] = (["python3", "-u"], "[]")
    for name, (entrypoint, arguments) in images.items():
        text = f"FROM shop\nENTRYPOINT {json.dumps(entrypoint)}\nCMD {arguments}\n"
        _run("docker", "build", f"--tag={name}", "-", text=text)
    _run(*_KIND, "load", "docker-image", f"--name={_NAME}", *images)


def _admin(programs: Programs, folder: Path, config: Path) -> Access:
    """The administrator by token; Kind's own kubeconfig has a client certificate."""
    kubectl = (str(programs.path("kubectl")), f"--kubeconfig={config}", "--namespace=kube-system")
    _run(*kubectl, "create", "serviceaccount", "e2e")
    role = ("--clusterrole=cluster-admin", "--serviceaccount=kube-system:e2e")
    _run(*kubectl, "create", "clusterrolebinding", "e2e", *role)
    token = _run(*kubectl, "create", "token", "e2e", "--duration=24h")
    cluster: Json = yaml.safe_load(config.read_text())["clusters"][0]["cluster"]
    ca = folder / "kind-ca.crt"
    ca.write_bytes(base64.b64decode(cluster["certificate-authority-data"]))
    return Access(cluster["server"], ca, token.strip())


def _gateway() -> str:
    """This machine's IPv4 address in Kind's network."""
    network = json.loads(_run("docker", "network", "inspect", "kind"))[0]
    gateways = [one.get("Gateway", "") for one in network["IPAM"]["Config"]]
    return str(next(one for one in gateways if "." in one))


def _run(*argv: str, text: str = "") -> str:
    done = subprocess.run(
        argv, input=text, stdout=subprocess.PIPE, text=True, timeout=_SECONDS, check=True
    )
    return done.stdout
