"""Log lines on stderr, as JSON or as text, with the ids of task, run, namespace and trace where there are any."""

import functools
import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime

LEVELS = ("error", "warning", "info", "debug")
FORMATS = ("json", "text")
LONGEST_TEXT = 4096
"""Characters of a message that are kept, its start, and of a traceback, its end."""

_LIBRARIES = {
    "dbos": "WARNING",
    "a2a": "ERROR",
    "uvicorn": "WARNING",
    "sqlalchemy": "WARNING",
    **dict.fromkeys(("httpx2", "httpcore2", "httpx", "httpcore"), "WARNING"),
    **dict.fromkeys(("openai", "anthropic", "google_genai", "google.auth"), "WARNING"),
    **dict.fromkeys(("boto3", "botocore", "urllib3", "mistralai"), "WARNING"),
}
"""Libraries say less than the agent does: at debug they would log whole requests, with keys in them."""


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line: time, level, logger, message, and task, run, namespace, trace and error where there are any."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage()[:LONGEST_TEXT],
            **_ids(record),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)[-LONGEST_TEXT:]
        return json.dumps(line, ensure_ascii=True)


class TextFormatter(logging.Formatter):
    """One readable line; control characters that came with foreign text are escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, with the traceback below it where there is one."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        message = json.dumps(record.getMessage()[:LONGEST_TEXT], ensure_ascii=False)[1:-1]
        ids = "".join(f" {name}={value}" for name, value in _ids(record).items())
        line = f"{at} {record.levelname:7} {record.name}: {message}{ids}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)[-LONGEST_TEXT:]
        return line


def configure_logging(level: str, form: str, **ids: str) -> None:
    """Sends all log lines of this process to stderr.

    Args:
        level: one of `LEVELS`.
        form: one of `FORMATS`.
        ids: task, run, namespace and trace of all lines that have none of their own.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    handler.addFilter(functools.partial(_add_ids, ids))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name, least in _LIBRARIES.items():
        logging.getLogger(name).setLevel(least)
    # DBOS brings a handler of its own for a logger that has none.
    dbos = logging.getLogger("dbos")
    dbos.handlers = [handler]
    dbos.propagate = False


def child_logging(level: str, form: str) -> Callable[[dict[str, str]], None]:
    """What a child process calls with its ids to log as its parent does."""
    return functools.partial(_configure_child, level, form)


def _configure_child(level: str, form: str, ids: dict[str, str]) -> None:
    configure_logging(level, form, **ids)


def _add_ids(ids: dict[str, str], record: logging.LogRecord) -> bool:
    for name, value in ids.items():
        if not hasattr(record, name):
            setattr(record, name, value)
    return True


def _ids(record: logging.LogRecord) -> dict[str, str]:
    named = ((name, getattr(record, name, "")) for name in ("task", "run", "namespace", "trace"))
    return {name: str(value) for name, value in named if value}
