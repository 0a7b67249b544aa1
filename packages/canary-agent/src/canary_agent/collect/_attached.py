"""Samples from what a request carries along."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from canary_verdict import AttachedLog, AttachedPod, Attachments, CanaryRequest, SideName

from ._kubernetes import read_pod
from ._model import ContainerLog, Gap, PodStatus, Sample, Side, Source

_CHUNK = 64 * 1024


class AttachedSource:
    """Judges by the request's own logs where it has some, and by another source where it has none.

    Logs that the asker has read are what he wants judged, so they win over a folder or a cluster that
    the agent could read too; mixing both would count lines twice. Where the asker tried and could
    attach none, his reasons are named in coverage, but keep nobody from promoting: the other source
    has its own gaps.

    Attached text is as untrusted as any log. Its pods' names say which side they are on; the asker
    has sorted them by the rule of contract.md.
    """

    def __init__(self, otherwise: Source) -> None:
        self._otherwise = otherwise

    def collect(self, request: CanaryRequest, cancelled: Callable[[], bool]) -> Sample:
        """See `Source.collect`."""
        attached = request.attached
        if attached.logs:
            gaps = tuple(Gap(gap.text, gap.blocking) for gap in attached.gaps)
            return Sample(_side(attached, "stable"), _side(attached, "canary"), gaps)
        sample = self._otherwise.collect(request, cancelled)
        notes = tuple(
            Gap(f"no logs are attached to the request: {gap.text}", blocking=False)
            for gap in attached.gaps
        )
        return replace(sample, gaps=sample.gaps + notes)


def _side(attached: Attachments, side: SideName) -> Side:
    pods = (_pod(pod) for pod in attached.pods if pod.side == side)
    return Side(
        logs=tuple(_log(log) for log in attached.logs if log.side == side),
        pods=tuple(pod for pod in pods if pod is not None),
    )


def _log(log: AttachedLog) -> ContainerLog:
    def read() -> Iterator[bytes]:
        for begin in range(0, len(log.text), _CHUNK):
            yield log.text[begin : begin + _CHUNK].encode(errors="replace")

    return ContainerLog(log.pod, log.container, read, log.previous, log.truncated)


def _pod(pod: AttachedPod) -> PodStatus | None:
    metadata = {"name": pod.pod, "deletionTimestamp": "set" if pod.deleting else ""}
    return read_pod({"metadata": metadata, "status": pod.status})
