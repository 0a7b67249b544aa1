"""A cluster on loopback, with and without TLS, and what reads it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from certificates import self_signed, server_context
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
        begun.append(serving(server_context(certificates[number])))
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
