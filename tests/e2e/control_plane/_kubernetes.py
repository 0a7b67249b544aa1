"""etcd, kube-apiserver and kube-controller-manager as processes on loopback."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from kube import Access, KubeClient, kubeconfig_of
from processes import Child, free_ports

from ._certificates import Authority, KeyPair
from ._setup import Setup

__all__ = ["ApiServer", "start_api_server", "start_controller_manager", "start_etcd"]

_START_SECONDS = 180.0
_LOOPBACK = "127.0.0.1"
_CONTROLLERS = (
    "deployment-controller",
    "garbage-collector-controller",
    "job-controller",
    "namespace-controller",
    "replicaset-controller",
    "serviceaccount-controller",
)


@dataclass(frozen=True, slots=True)
class ApiServer:
    """A running API server.

    Attributes:
        child: its process.
        admin: may do everything.
        kubelet: of the group system:masters too: a real kubelet's account is bound to one node
            name, which says nothing about what is tested here.
    """

    child: Child
    admin: Access
    kubelet: Access
    manager: Access


def start_etcd(setup: Setup) -> tuple[Child, str]:
    """Starts etcd; its client address. It loses data on a power cut, and is twice as fast for it."""
    client, peer = free_ports(2)
    url, peer_url = f"http://{_LOOPBACK}:{client}", f"http://{_LOOPBACK}:{peer}"
    argv: list[str | Path] = [
        setup.programs.path("etcd"),
        f"--data-dir={setup.folder / 'etcd'}",
        f"--listen-client-urls={url}",
        f"--advertise-client-urls={url}",
        f"--listen-peer-urls={peer_url}",
        f"--initial-advertise-peer-urls={peer_url}",
        f"--initial-cluster=default={peer_url}",
        "--unsafe-no-fsync",
        "--log-level=warn",
    ]
    return setup.start("etcd", argv), url


def start_api_server(setup: Setup, authority: Authority, etcd: str, services: str) -> ApiServer:
    """Starts kube-apiserver and returns once it is ready.

    Args:
        services: the network that Services get their addresses from, within 127.0.0.0/8.
    """
    (port,) = free_ports(1)
    serving = authority.server("kube-apiserver", _LOOPBACK)
    accounts = authority.client("service-accounts")
    to_kubelet = authority.client("kube-apiserver-to-kubelet")
    access = {
        name: Access(f"https://{_LOOPBACK}:{port}", authority.certificate, secrets.token_hex(16))
        for name in ("admin", "kubelet", "manager")
    }
    argv: list[str | Path] = [
        setup.programs.path("kube-apiserver"),
        f"--etcd-servers={etcd}",
        f"--secure-port={port}",
    ]
    argv += _serving(setup.folder, serving)
    argv += _authentication(setup.folder, access, accounts)
    argv += [
        f"--service-cluster-ip-range={services}",
        f"--kubelet-certificate-authority={authority.certificate}",
        f"--kubelet-client-certificate={to_kubelet.certificate}",
        f"--kubelet-client-key={to_kubelet.key}",
        "--kubelet-preferred-address-types=InternalIP",
    ]
    child = setup.start("kube-apiserver", argv)
    with KubeClient(access["admin"]) as client:
        child.wait_for("/readyz", client.ready, _START_SECONDS)
    return ApiServer(child, **access)


def start_controller_manager(setup: Setup, api: ApiServer) -> Child:
    """Starts kube-controller-manager with the controllers that Rollouts and their tests need."""
    kubeconfig = setup.write_secret("manager.kubeconfig", kubeconfig_of(api.manager))
    argv: list[str | Path] = [
        setup.programs.path("kube-controller-manager"),
        f"--kubeconfig={kubeconfig}",
        f"--controllers={','.join(_CONTROLLERS)}",
        # Each controller with the role of its name, as in any cluster; the manager itself may do little.
        "--use-service-account-credentials",
        "--leader-elect=false",
        "--secure-port=0",
    ]
    return setup.start("kube-controller-manager", argv)


def _serving(folder: Path, serving: KeyPair) -> list[str]:
    return [
        f"--bind-address={_LOOPBACK}",
        f"--tls-cert-file={serving.certificate}",
        f"--tls-private-key-file={serving.key}",
        f"--cert-dir={folder}",
        # The Service `kubernetes` cannot have an endpoint on loopback.
        "--endpoint-reconciler-type=none",
    ]


def _authentication(folder: Path, access: dict[str, Access], accounts: KeyPair) -> list[str]:
    users = {
        "admin": "admin,admin,system:masters",
        "kubelet": "kubelet,kubelet,system:masters",
        "manager": "system:kube-controller-manager,manager,",
    }
    tokens = folder / "tokens.csv"
    tokens.touch(mode=0o600)
    tokens.write_text("".join(f"{access[name].token},{rest}\n" for name, rest in users.items()))
    return [
        f"--token-auth-file={tokens}",
        "--authorization-mode=RBAC",
        f"--service-account-key-file={accounts.certificate}",
        f"--service-account-signing-key-file={accounts.key}",
        "--service-account-issuer=https://kubernetes.default.svc",
        # It would refuse pods until a controller has made each namespace's default account.
        "--disable-admission-plugins=ServiceAccount",
    ]
