"""Every bound of the client, in one table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientLimits:
    """Bounds of one `AgentClient`.

    Attributes:
        max_body: bytes of one answer's body; answers are asked for uncompressed.
        max_values: JSON values in one answer, so that a small body cannot become a large object.
        max_depth: nesting of objects and lists in one answer.
        max_open: requests begun and not yet answered, those included whose agent takes its time.
        patience: seconds after which a request that only waits for its answer gives its place among
            the requests in flight to another; agents that ignore returnImmediately wait for minutes.
        connect_seconds: for one TCP connection or one TLS handshake.
        keepalive_seconds: how long an idle connection is kept. Below the 5 s after which uvicorn and
            Node.js hang up, since a request sent into a closing connection is a lost one.
        max_idle: idle connections kept.
        max_pools: sets of connections kept, one for each CA and client certificate.
        max_pages: pages of 50 tasks that `list_tasks` reads.
        max_id: characters of a task's id.
    """

    max_body: int = 4 * 1024 * 1024
    max_values: int = 200_000
    max_depth: int = 64
    max_open: int = 256
    patience: float = 1.0
    connect_seconds: float = 10.0
    keepalive_seconds: float = 4.0
    max_idle: int = 8
    max_pools: int = 16
    max_pages: int = 4
    max_id: int = 1024


DEFAULT_LIMITS = ClientLimits()
