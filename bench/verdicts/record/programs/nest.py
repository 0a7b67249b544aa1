"""A TypeScript service: NestJS with its own coloured console logger."""

from collections.abc import Sequence
from pathlib import Path

from bench.verdicts.record._model import Place
from bench.verdicts.record._tools import built

from ._service import Service

_SIGNS = {
    "dependency-down": r"ERROR.*ECONNREFUSED",
    "dependency-hangs": r"ERROR.*timeout of 2500ms exceeded",
    "dependency-slow": "",
    "dependency-503": r"ERROR.*status code 503",
    "dependency-denies": r"ERROR.*status code 401",
    "dependency-flaky": r"ERROR.*(?:socket hang up|ECONNRESET)",
    "expired-certificate": r"ERROR.*certificate has expired",
    "unknown-host": r"ERROR.*ENOTFOUND",
    "missing-env": r'Configuration property "API_TOKEN" is not defined',
    "missing-module": r"Cannot find module",
    "port-taken": r"EADDRINUSE",
    "file-leak": r"EMFILE",
    "null-coupon": r"ERROR.*Cannot read properties of null",
    "bad-type": r"ERROR.*is not a function",
    "crash-on-input": r"^RangeError: Cannot pack",
    "memory-leak": r"heap out of memory",
    "quiet-500": r" 500 \+",
    "hang": "",
    "no-payment": "",
    "slow-code": "",
}


class Nest(Service):
    """See `apps/nest`."""

    rest = 6.0

    def __init__(self) -> None:
        super().__init__("nest", _command, _SIGNS)

    def prepare(self, tools: Path) -> None:
        """See `built`: with npm and the TypeScript compiler."""
        install = ("npm", "install", "--silent", "--no-audit", "--no-fund")
        built(tools, "nest", install, ("npm", "run", "--silent", "build"))


def _command(place: Place) -> Sequence[str]:
    return ["node", "--max-old-space-size=80", str(place.tools / "nest/dist/main.js")]
