"""Every bound of one collection from a cluster."""

from dataclasses import dataclass

LINE_BYTES = 128
"""What a log line is taken to be long when bytes are turned into `tailLines`."""


@dataclass(frozen=True, slots=True)
class KubernetesLimits:
    """Bounds of one sample; what goes beyond is left out, oldest first, and named in coverage.

    Attributes:
        pods: pods of one side whose logs are read; the states of all listed pods count.
        listed_pods: pods that one selector may match.
        logs: log streams of one side; previous instances count too.
        container_bytes: kept of one log stream, before compression.
        side_bytes: kept of all log streams of one side, shared out evenly.
        events: events about pods that the namespace may hold.
        page_bytes: one page of a list.
        concurrency: calls under way at one time.
        attempts: of one call that fails in a way that may pass.
        call_seconds: without a byte, from connecting on; then the call has failed.
        total_seconds: for the whole collection.
    """

    pods: int = 200
    listed_pods: int = 5000
    logs: int = 1000
    container_bytes: int = 16 << 20
    side_bytes: int = 128 << 20
    events: int = 50_000
    page_bytes: int = 32 << 20
    concurrency: int = 8
    attempts: int = 3
    call_seconds: float = 15.0
    total_seconds: float = 120.0


DEFAULT_LIMITS = KubernetesLimits()
