"""A Rust service: axum under tokio, with tracing's coloured lines."""

from collections.abc import Sequence
from pathlib import Path

from bench.verdicts.record._model import Place
from bench.verdicts.record._tools import built

from ._service import Service

_SIGNS = {
    "dependency-down": r"ERROR.*Connection refused",
    "dependency-hangs": r"ERROR.*operation timed out",
    "dependency-slow": "",
    "dependency-limits": r"ERROR.*429 Too Many Requests",
    "dependency-garbage": r"ERROR.*error decoding response body",
    "expired-certificate": r"ERROR.*invalid peer certificate",
    "unknown-host": r"ERROR.*dns error",
    "missing-env": r"API_TOKEN must be set",
    "config-syntax": r"^Error: parsing",
    "port-taken": r"Address already in use",
    "disk-full": r"ERROR.*No space left",
    "read-only-data": r"ERROR.*Permission denied",
    "null-coupon": r"on a `None` value",
    "index": r"index out of bounds",
    "zero": r"attempt to divide by zero",
    "crash-on-input": r"price table is inconsistent",
    "memory-leak": "",
    "quiet-500": r"finished.*status\S*500",
    "no-payment": "",
    "slow-code": "",
}


class Axum(Service):
    """See `apps/axum`."""

    memory_limit = 120 << 20

    def __init__(self) -> None:
        super().__init__("axum", _command, _SIGNS)

    def prepare(self, tools: Path) -> None:
        """See `built`: with Cargo."""
        built(tools, "axum", ("cargo", "build", "--release", "--quiet"))


def _command(place: Place) -> Sequence[str]:
    return [str(place.tools / "axum/target/release/orders")]
