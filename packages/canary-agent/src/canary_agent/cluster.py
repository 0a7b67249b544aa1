"""The analysis of what runs in a cluster, as a child process runs it."""

import functools
from dataclasses import dataclass

from canary_agent.process import Analyser, Cancelled
from canary_verdict import CanaryRequest, CanaryVerdict

MODULES = ("canary_agent.cluster", "canary_agent.analysis", "canary_agent.collect.kubernetes")
"""What the children's parent loads once."""

_MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSettings:
    """What an operator says about the cluster.

    Attributes:
        kubeconfig: file, or several as in KUBECONFIG; empty: see `collect.kubernetes.Access`.
        context: of the kubeconfig; empty: its current one.
        allowed_namespaces: see `collect.kubernetes.KubernetesSource`.
        pods: pods of one side whose logs are read.
        container_mib: MiB kept of one log.
        side_mib: MiB kept of one side's logs.
        concurrency: calls to the API at one time, for one analysis.
        seconds: for one collection.
    """

    kubeconfig: str = ""
    context: str = ""
    allowed_namespaces: tuple[str, ...] = ()
    pods: int = 200
    container_mib: int = 16
    side_mib: int = 128
    concurrency: int = 8
    seconds: float = 120.0


def cluster_analyser(settings: ClusterSettings) -> Analyser:
    """An analyser of the cluster, for child processes."""
    return functools.partial(_analyse_cluster, settings)


def _analyse_cluster(
    settings: ClusterSettings, request: CanaryRequest, cancelled: Cancelled
) -> CanaryVerdict:
    # Imported here, so that the server, which never analyses, carries neither numpy nor lightkube.
    from canary_agent.analysis import analyse  # noqa: PLC0415
    from canary_agent.collect.kubernetes import (  # noqa: PLC0415
        Access,
        KubernetesLimits,
        KubernetesSource,
    )

    source = KubernetesSource(
        Access(settings.kubeconfig, settings.context),
        settings.allowed_namespaces,
        KubernetesLimits(
            pods=settings.pods,
            container_bytes=settings.container_mib * _MEBIBYTE,
            side_bytes=settings.side_mib * _MEBIBYTE,
            concurrency=settings.concurrency,
            total_seconds=settings.seconds,
        ),
    )
    return analyse(request, source, cancelled)
