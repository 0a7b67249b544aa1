"""A Ruby service: Sinatra under puma, with Ruby's Logger and Rack's access log."""

from collections.abc import Sequence
from pathlib import Path

from bench.verdicts.record._model import Place
from bench.verdicts.record._tools import APPS, debian

from ._service import Service

_SIGNS = {
    "dependency-down": r"Errno::ECONNREFUSED",
    "dependency-hangs": r"Net::ReadTimeout",
    "dependency-slow": "",
    "dependency-503": r'503 "Service Unavailable"',
    "dependency-denies": r'401 "Unauthorized"',
    "dependency-flaky": r"EOFError",
    "expired-certificate": r"certificate has expired",
    "unknown-host": r"SocketError",
    "missing-env": r'key not found: "API_TOKEN"',
    "config-syntax": r"JSON::ParserError",
    "missing-module": r"LoadError",
    "port-taken": r"EADDRINUSE",
    "bad-migration": r"SQLite3::SQLException",
    "locked": r"SQLite3::BusyException",
    "read-only-data": r"Errno::EACCES",
    "file-leak": r"Errno::EMFILE",
    "null-coupon": r"NoMethodError",
    "index": r"IndexError",
    "bad-type": r"TypeError",
    "crash-on-input": "",
    "no-payment": "",
    "killed": "",
}


class Sinatra(Service):
    """See `apps/sinatra`."""

    rest = 8.0

    def __init__(self) -> None:
        super().__init__("sinatra", _command, _SIGNS)

    def prepare(self, tools: Path) -> None:
        """See `_tools.debian`."""
        del tools
        debian("puma", "puma, ruby-sinatra and ruby-sqlite3")


def _command(place: Place) -> Sequence[str]:
    del place
    options = ["--environment", "production", "--threads", "2:6", str(APPS / "sinatra/config.ru")]
    bind = 'exec "$0" --bind tcp://127.0.0.1:$PORT "$@"'
    return ["sh", "-c", bind, debian("puma", "puma"), *options]
