"""The agent's own endpoints; those of A2A are the SDK's."""

CARD = "/.well-known/agent-card.json"
ALIVE = "/healthz"
READY = "/readyz"
HEALTH = "/a2a/health"
ANALYZE = "/a2a/analyze"
REPORTS = "/reports"
METRICS = "/metrics"

OPEN_PATHS = frozenset({CARD, ALIVE, READY, HEALTH})
"""Asked by probes and by clients that do not know yet that there is a token."""


def is_for_people(path: str) -> bool:
    """Whether a page is there, which a browser asks for."""
    return path == REPORTS or path.startswith(f"{REPORTS}/")
