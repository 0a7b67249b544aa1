"""A cluster on loopback, with and without TLS, and what reads it."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from kubernetes_api import KubernetesApi, serving
from kubernetes_objects import NOW

from canary_verdict import CanaryRequest, Run, Selection
from rollouts_plugin_metric_ai.a2a_client import parse_address
from rollouts_plugin_metric_ai.kube import (
    DEFAULT_LIMITS,
    ClusterAccess,
    KubeApi,
    KubeLimits,
    LogAttacher,
)

Deadline = Callable[[float], float]


@pytest.fixture
def deadline() -> Deadline:
    """So many seconds from now, on the loop's clock."""
    return lambda seconds: asyncio.get_running_loop().time() + seconds


@pytest.fixture
def cluster() -> Iterator[KubernetesApi]:
    with serving() as api:
        yield api


def self_signed(path: Path) -> Path:
    """Writes a certificate for 127.0.0.1 that is its own authority, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, path.name)])
    now = datetime.now(UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([address, x509.DNSName("kubernetes.default")]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    return path


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two certificates that have nothing to do with each other."""
    folder = tmp_path_factory.mktemp("certificates")
    return [self_signed(folder / f"{number}.pem") for number in range(2)]


@pytest.fixture
def serving_tls(certificates: list[Path]) -> Iterator[Callable[[int], KubernetesApi]]:
    """Starts a cluster with one of the certificates."""
    begun = []

    def start(number: int) -> KubernetesApi:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates[number])
        begun.append(serving(context))
        return begun[-1].__enter__()

    yield start
    for server in begun:
        server.__exit__(None, None, None)


@pytest.fixture
async def kube(cluster: KubernetesApi) -> AsyncIterator[Callable[..., KubeApi]]:
    """Makes clients of the cluster."""
    made = []

    def make(limits: KubeLimits = DEFAULT_LIMITS, url: str = "") -> KubeApi:
        access = ClusterAccess(server=parse_address(url or cluster.url))
        made.append(KubeApi(lambda: access, limits))
        return made[-1]

    yield make
    for client in made:
        await client.aclose()


@pytest.fixture
def attacher(kube: Callable[..., KubeApi]) -> Callable[..., LogAttacher]:
    """Makes attachers whose clock stands five minutes after `NOW`."""

    def make(limits: KubeLimits = DEFAULT_LIMITS, url: str = "") -> LogAttacher:
        return LogAttacher(kube(limits, url), lambda: NOW + timedelta(minutes=5), limits)

    return make


@pytest.fixture
def request_for() -> Callable[..., CanaryRequest]:
    def make(
        *, rollout: str = "shop", pod_hash: str = "7c9b", window: float = 600.0
    ) -> CanaryRequest:
        return CanaryRequest(
            run=Run("uid-1", "run", "prod", "metric"),
            rollout=rollout,
            stable=Selection("role=stable"),
            canary=Selection("role=canary", pod_hash),
            window=window,
            deadline=NOW + timedelta(minutes=10),
            lease_seconds=180,
        )

    return make


@pytest.fixture
async def silent_server() -> AsyncIterator[str]:
    """Takes connections and requests, and never answers."""
    held = []

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append((reader, writer))
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    for _, writer in held:
        writer.close()
    await server.wait_closed()
