"""The analysis of what runs in a cluster, as a child process runs it."""

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from canary_agent.models import ModelSettings, panel_for
from canary_agent.process import Analyser, Cancelled
from canary_verdict import CanaryRequest, CanaryVerdict

MODULES = ("canary_agent.cluster", "canary_agent.patience", "canary_agent.collect.kubernetes")
"""What the children's parent loads once."""

_MEBIBYTE = 1 << 20
_NAMESPACE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


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


def parse_namespaces(text: str) -> tuple[str, ...]:
    """Reads `ALLOWED_NAMESPACES`: names with commas between them, or `*`.

    >>> parse_namespaces("shop, cart")
    ('shop', 'cart')

    Raises:
        ValueError: one of them cannot be a namespace.
    """
    names = tuple(name for item in text.split(",") if (name := item.strip()))
    for name in names:
        if name != "*" and not _NAMESPACE.fullmatch(name):
            raise ValueError(f"found {name[:80]!a}, expected the name of a namespace, or *")
    return names


def cluster_analyser(
    settings: ClusterSettings,
    bundles: Path | None = None,
    models: ModelSettings | None = None,
    *,
    baseline: bool = False,
) -> Analyser:
    """An analyser of the cluster, for child processes; saves analyses in the folder `bundles`.

    `baseline` says whether the last promoted one among them tells what is usual.
    """
    return functools.partial(_analyse_cluster, settings, bundles, models, baseline)


def _analyse_cluster(  # noqa: PLR0913, PLR0917 - those of a partial, and a task's two
    settings: ClusterSettings,
    bundles: Path | None,
    models: ModelSettings | None,
    baseline: bool,  # noqa: FBT001 - a partial's arguments go by place
    request: CanaryRequest,
    cancelled: Cancelled,
) -> CanaryVerdict:
    # Imported here, so that the server, which never analyses, carries neither numpy nor lightkube.
    from canary_agent.collect.kubernetes import (  # noqa: PLC0415
        Access,
        KubernetesLimits,
        KubernetesSource,
    )
    from canary_agent.patience import analyse_patiently  # noqa: PLC0415

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
    return analyse_patiently(
        request, source, cancelled, bundles=bundles, panel=panel_for(models), baseline=baseline
    )
