"""A Java service of the usual kind: Spring Boot with Tomcat and a pool of database connections inside."""

from collections.abc import Sequence
from pathlib import Path

from bench.verdicts.record._model import Place
from bench.verdicts.record._tools import built

from ._service import Service

_BUILD = ("mvn", "--quiet", "--batch-mode", "package", "dependency:copy-dependencies")
_OPTIONS = ("-Xmx120m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
# A run that ends when all is set up leaves an archive of classes: a dozen instances start side by side.
_ARCHIVE = (
    "env FEATURES=none PORT=0 VERSION=0 API_TOKEN=none BACKEND_URL=http://localhost DATA_DIR=."
    " CONFIG=training.yaml CA_FILE=/etc/ssl/certs/ca-certificates.crt"
    f" java {' '.join(_OPTIONS)} -XX:ArchiveClassesAtExit=$PWD/orders.jsa -Dspring.context.exit=onRefresh"
    " -cp $PWD/target/orders-1.jar:$PWD/target/dependency/* shop.orders.Orders"
)
_SIGNS = {
    "dependency-down": r"^java.net.ConnectException",
    "dependency-503": r"503 Service Unavailable",
    "expired-certificate": r"CertificateExpiredException",
    "missing-env": r"Could not resolve placeholder 'API_TOKEN'",
    "config-syntax": r"while parsing a flow",
    "bad-migration": r"BadSqlGrammarException",
    "pool-leak": r"Connection is not available, request timed out",
    "null-coupon": r"^java.lang.NullPointerException",
    "bad-type": r"^java.lang.NumberFormatException",
    "crash-on-input": r"Inventory is corrupt",
    "memory-leak": r"OutOfMemoryError",
    "quiet-500": r"/orders 500 in",
}


class Spring(Service):
    """See `apps/spring`."""

    rest = 30.0
    config_name = "shop.yaml"

    def __init__(self) -> None:
        super().__init__("spring", _command, _SIGNS)

    def prepare(self, tools: Path) -> None:
        """See `built`: with Maven."""
        built(tools, "spring", _BUILD, ("sh", "-c", _ARCHIVE))


def _command(place: Place) -> Sequence[str]:
    folder = place.tools / "spring"
    more = [
        f"-XX:SharedArchiveFile={folder}/orders.jsa",
        "-XX:+ExitOnOutOfMemoryError",
        "-Dsun.net.http.retryPost=false",
    ]
    classes = f"{folder}/target/orders-1.jar:{folder}/target/dependency/*"
    return ["java", *_OPTIONS, *more, "-cp", classes, "shop.orders.Orders"]
