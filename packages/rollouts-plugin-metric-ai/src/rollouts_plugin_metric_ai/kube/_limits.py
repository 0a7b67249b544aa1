"""Every bound of what is read from the Kubernetes API, in one table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class KubeLimits:
    """Bounds of what is asked of one cluster.

    Attributes:
        page_pods: pods of one page of a list.
        page_bytes: bytes of one page.
        pages: pages of one list.
        connections: requests under way, of all analyses together.
        connect_seconds: for one TCP connection or one TLS handshake.
        attach_seconds: for all that one request has attached.
        turn_seconds: that a request waits until another's logs have been read.
        at_once: requests whose logs are read at one time.
        pods: pods of one side whose logs are read; the states of `listed_pods` are attached.
        listed_pods: pods of one side whose states are attached.
        logs: logs of one side, previous instances included.
        side_bytes: bytes of one side's logs in UTF-8, once redacted.
        log_bytes: bytes of one log.
        status_bytes: characters of all pod states together, written as JSON.
        watch_seconds: after which a watch is begun anew; a server that hangs is noticed as late.
        watch_slack: seconds beyond these for the watch to be answered and to end.
        watch_connections: for the watch and what it asks beside it.
        call_seconds: for one short answer beside the watch.
        event_bytes: bytes of one event's metadata; annotations alone may have 256 KiB.
        run_bytes: bytes of one AnalysisRun; etcd takes 1.5 MB by default.
    """

    page_pods: int = 100
    page_bytes: int = 8 * 1024 * 1024
    pages: int = 10
    connections: int = 8
    connect_seconds: float = 5.0
    attach_seconds: float = 10.0
    turn_seconds: float = 20.0
    at_once: int = 2
    pods: int = 20
    listed_pods: int = 60
    logs: int = 100
    side_bytes: int = 512 * 1024
    log_bytes: int = 256 * 1024
    status_bytes: int = 64 * 1024
    watch_seconds: int = 60
    watch_slack: float = 10.0
    watch_connections: int = 5
    call_seconds: float = 5.0
    event_bytes: int = 1024 * 1024
    run_bytes: int = 4 * 1024 * 1024


DEFAULT_LIMITS = KubeLimits()

LINE_BYTES = 128
"""What a log line is taken to be long when bytes are turned into `tailLines`."""
