"""A Python web application: FastAPI under uvicorn."""

from collections.abc import Sequence
from pathlib import Path

from bench.verdicts.record._model import Place
from bench.verdicts.record._tools import APPS, python_environment

from ._service import Service

_SIGNS = {
    "dependency-down": r"level=error.*ConnectError",
    "dependency-hangs": r"level=error.*ReadTimeout",
    "dependency-slow": "",
    "dependency-limits": r"level=error.*429 Too Many Requests",
    "dependency-503": r"level=error.*503 Service Unavailable",
    "dependency-denies": r"level=error.*401 Unauthorized",
    "dependency-garbage": r"level=error.*JSONDecodeError",
    "expired-certificate": r"level=error.*certificate has expired",
    "unknown-host": r"level=error.*Name or service not known",
    "missing-env": r"^KeyError: 'API_TOKEN'",
    "bad-migration": r"level=error.*no column named currency",
    "disk-full": r"level=error.*No space left",
    "file-leak": r"Too many open files",
    "index": r"level=error.*IndexError",
    "zero": r"level=error.*ZeroDivisionError",
    "bad-type": r"level=error.*TypeError",
    "quiet-500": r"status=500",
    "hang": "",
    "no-payment": "",
    "slow-code": "",
}


class FastApi(Service):
    """See `apps/fastapi`."""

    def __init__(self) -> None:
        super().__init__("fastapi", _command, _SIGNS)

    def prepare(self, tools: Path) -> None:
        """See `python_environment`."""
        python_environment(tools, "fastapi", ["fastapi", "uvicorn", "httpx", "structlog"])


def _command(place: Place) -> Sequence[str]:
    uvicorn = str(place.tools / "fastapi/bin/uvicorn")
    app = ["orders:app", "--app-dir", str(APPS / "fastapi")]
    return ["sh", "-c", 'exec "$0" --host 127.0.0.1 --port $PORT "$@"', uvicorn, *app]
