"""A Java service: the JDK's HTTP server and logback."""

from collections.abc import Sequence
from pathlib import Path

from bench.verdicts.record._model import Place
from bench.verdicts.record._tools import built

from ._service import Service

_BUILD = ("mvn", "--quiet", "--batch-mode", "package", "dependency:copy-dependencies")
_SIGNS = {
    "dependency-down": r"^(?:Caused by: )?java.net.ConnectException",
    "dependency-hangs": r"HttpTimeoutException",
    "dependency-slow": "",
    "dependency-503": r"payments answered 503",
    "dependency-flaky": r"header parser received no bytes|EOF reached",
    "unknown-host": r"UnresolvedAddressException",
    "expired-certificate": r"SSLHandshakeException",
    "missing-env": r"required environment variable API_TOKEN",
    "config-syntax": r"cannot parse configuration",
    "missing-module": r"ClassNotFoundException",
    "port-taken": r"BindException",
    "disk-full": r"No space left",
    "read-only-data": r"AccessDeniedException",
    "null-coupon": r"^java.lang.NullPointerException",
    "index": r"^java.lang.ArrayIndexOutOfBounds",
    "crash-on-input": r"Inconsistent price table",
    "memory-leak": r"OutOfMemoryError",
    "quiet-500": r"POST /orders 500",
    "no-payment": "",
    "slow-code": "",
}


class Java(Service):
    """See `apps/java`."""

    rest = 6.0

    def __init__(self) -> None:
        super().__init__("java", _command, _SIGNS)

    def prepare(self, tools: Path) -> None:
        """See `built`: with Maven."""
        built(tools, "java", _BUILD)


def _command(place: Place) -> Sequence[str]:
    target = place.tools / "java/target"
    options = [
        "-Xmx160m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:+ExitOnOutOfMemoryError",
    ]
    return [
        "java",
        *options,
        "-cp",
        f"{target}/classes:{target}/dependency/*",
        "shop.orders.Orders",
    ]
