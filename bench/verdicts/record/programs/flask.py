"""A Python web application: Flask under gunicorn."""

from collections.abc import Sequence
from pathlib import Path

from bench.verdicts.record._model import Place
from bench.verdicts.record._tools import APPS, python_environment

from ._service import Service

_SIGNS = {
    "dependency-down": r"NewConnectionError|Connection refused",
    "dependency-hangs": r"ReadTimeout",
    "dependency-slow": "",
    "expired-certificate": r"certificate has expired",
    "unknown-host": r"Name or service not known",
    "missing-env": r"^KeyError: 'API_TOKEN'",
    "missing-module": r"^ModuleNotFoundError",
    "bad-migration": r"^sqlite3.OperationalError.*no column",
    "locked": r"^sqlite3.OperationalError: database is locked",
    "disk-full": r"No space left",
    "read-only-data": r"^PermissionError",
    "null-coupon": r"^AttributeError: 'NoneType'",
    "crash-on-input": r"was sent SIGSEGV",
    "memory-leak": "",
    "no-payment": "",
    "slow-code": "",
}


class Flask(Service):
    """See `apps/flask`."""

    memory_limit = 220 << 20

    def __init__(self) -> None:
        super().__init__("flask", _command, _SIGNS)

    def prepare(self, tools: Path) -> None:
        """See `python_environment`."""
        python_environment(tools, "flask", ["flask", "gunicorn", "requests"])


def _command(place: Place) -> Sequence[str]:
    options = [
        "--worker-class",
        "gthread",
        "--threads",
        "8",
        "--workers",
        "1",
        "--worker-tmp-dir",
        "/dev/shm",
    ]
    app = ["--chdir", str(APPS / "flask"), "orders:app"]
    gunicorn = str(place.tools / "flask/bin/gunicorn")
    return ["sh", "-c", 'exec "$0" --bind 127.0.0.1:$PORT "$@"', gunicorn, *options, *app]
