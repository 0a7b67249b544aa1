"""A Node service: Express and pino."""

from collections.abc import Sequence
from pathlib import Path

from bench.verdicts.record._model import Place
from bench.verdicts.record._tools import node_packages

from ._service import Service

_SIGNS = {
    "dependency-down": r'"level":50.*ECONNREFUSED',
    "dependency-hangs": r'"level":50.*TimeoutError',
    "dependency-limits": r'"level":50.*payments answered 429',
    "dependency-denies": r'"level":50.*payments answered 401',
    "dependency-garbage": r'"level":50.*Unexpected token',
    "dependency-flaky": r'"level":50.*(?:ECONNRESET|other side closed)',
    "expired-certificate": r'"level":50.*CERT_HAS_EXPIRED|certificate has expired',
    "unknown-host": r'"level":50.*ENOTFOUND',
    "missing-env": r"^Error: environment variable API_TOKEN",
    "config-syntax": r"^SyntaxError",
    "missing-module": r"^Error: Cannot find module",
    "port-taken": r"^Error: listen EADDRINUSE",
    "file-leak": r'"level":50.*EMFILE',
    "crash-on-input": r"^RangeError",
    "quiet-500": r'"statusCode":500',
    "hang": "",
    "memory-leak": r"heap out of memory",
    "no-payment": "",
}


class Express(Service):
    """See `apps/express`."""

    def __init__(self) -> None:
        super().__init__("express", _command, _SIGNS)

    def prepare(self, tools: Path) -> None:
        """See `node_packages`."""
        node_packages(tools, "express", ["express", "pino"])


def _command(place: Place) -> Sequence[str]:
    return ["node", "--max-old-space-size=96", str(place.tools / "express/orders.js")]
