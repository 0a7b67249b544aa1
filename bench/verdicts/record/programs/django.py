"""A Python web application of the older kind: Django under gunicorn's processes."""

from collections.abc import Sequence
from pathlib import Path

from bench.verdicts.record._model import Place
from bench.verdicts.record._tools import APPS, python_environment

from ._service import Service

_SIGNS = {
    "dependency-down": r"^urllib3.exceptions.*Connection refused",
    "dependency-hangs": r"^urllib3.exceptions.*Read timed out",
    "dependency-slow": "",
    "dependency-limits": r"^RuntimeError: payment provider said 429",
    "dependency-503": r"^RuntimeError: payment provider said 503",
    "dependency-denies": r"^RuntimeError: payment provider said 401",
    "dependency-garbage": r"JSONDecodeError",
    "unknown-host": r"^urllib3.exceptions.*Failed to resolve",
    "missing-env": r"^KeyError: 'API_TOKEN'",
    "config-syntax": r"ImproperlyConfigured",
    "missing-module": r"^ModuleNotFoundError",
    "bad-migration": r"^django.db.utils.OperationalError",
    "disk-full": r"^OSError.*No space left",
    "index": r"^IndexError",
    "zero": r"^ZeroDivisionError",
    "bad-type": r"^TypeError",
    "crash-on-input": r"was sent SIGSEGV",
    "memory-leak": "",
    "quiet-500": r'" 500 ',
    "hang": "",
    "slow-code": "",
}


class Django(Service):
    """See `apps/django`."""

    rest = 8.0
    memory_limit = 220 << 20

    def __init__(self) -> None:
        super().__init__("django", _command, _SIGNS)

    def prepare(self, tools: Path) -> None:
        """See `python_environment`."""
        python_environment(tools, "django", ["django", "gunicorn", "urllib3"])


def _command(place: Place) -> Sequence[str]:
    gunicorn = str(place.tools / "django/bin/gunicorn")
    options = ["--workers", "2", "--timeout", "4", "--access-logfile", "-"]
    app = ["--chdir", str(APPS / "django"), "orders:application"]
    return ["sh", "-c", 'exec "$0" --bind 127.0.0.1:$PORT "$@"', gunicorn, *options, *app]
