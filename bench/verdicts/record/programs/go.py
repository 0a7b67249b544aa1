"""A Go service: net/http and klog."""

from collections.abc import Sequence
from pathlib import Path

from bench.verdicts.record._model import Place
from bench.verdicts.record._tools import built

from ._service import Service

_SIGNS = {
    "dependency-down": r"^E.*connect: connection refused",
    "dependency-hangs": r"^E.*(?:deadline exceeded|Client.Timeout)",
    "dependency-slow": "",
    "dependency-limits": r"^E.*429 Too Many Requests",
    "dependency-denies": r"^E.*401 Unauthorized",
    "dependency-garbage": r"^E.*invalid character",
    "dependency-flaky": r"^E.*EOF",
    "expired-certificate": r"^E.*certificate has expired",
    "unknown-host": r"^E.*no such host",
    "missing-env": r"^F.*API_TOKEN is not set",
    "config-syntax": r"^F.*failed to load config",
    "port-taken": r"^E.*address already in use",
    "file-leak": r"too many open files",
    "read-only-data": r"^E.*permission denied",
    "disk-full": r"^E.*no space left",
    "null-coupon": r"http: panic serving.*nil pointer",
    "index": r"http: panic serving.*index out of range",
    "zero": r"http: panic serving.*divide by zero",
    "crash-on-input": r"^panic: ",
    "memory-leak": "",
    "quiet-500": r"resp=500",
    "no-payment": "",
    "slow-code": "",
    "killed": "",
}


class Go(Service):
    """See `apps/go`."""

    memory_limit = 160 << 20

    def __init__(self) -> None:
        super().__init__("go", _command, _SIGNS)

    def prepare(self, tools: Path) -> None:
        """See `built`: with Go's own tool."""
        built(tools, "go", ("go", "mod", "tidy"), ("go", "build", "-o", "orders", "."))


def _command(place: Place) -> Sequence[str]:
    return [str(place.tools / "go/orders"), "-logtostderr"]
