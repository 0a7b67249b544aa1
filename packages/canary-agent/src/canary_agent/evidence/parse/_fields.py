"""What structured lines mean: the common names of level, message, error, status and duration."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ._numbers import duration, unit_of
from ._severity import Severity, of_level

_ROLES = {
    "level": "level lvl severity levelname loglevel log_level log.level severity_text @level @l levelstr priority",
    "message": "msg message @message @m event short_message body text",
    "logger": "logger logger_name name component caller module source category sourcecontext",
    "error": "error err exception exc exc_info error_message error.message err.message errmsg cause exception.message @x",
    "error_type": "error.type err.type exception.type error_type exception_class errorclass",
    "stack": "stack stacktrace stack_trace error.stack err.stack error.stack_trace exception.stacktrace traceback",
    "status": "status status_code statuscode http_status httpstatus http.status_code response_code"
    " responsecode http.response.status_code response.status_code res.statuscode response.status"
    " http.status httprequest.status",
}  # fmt: skip
_ROLE_OF = {name: role for role, names in _ROLES.items() for name in names.split()}
_LATENCY_NAME = re.compile(
    r"(?i)^(?:[\w-]{0,40}[._-])?(?:duration|elapsed|latency|took|response_?time|request_?time"
    r"|time_?taken|upstream_response_time|request_duration|processing_?time|dur)(?:_?(?:ns|us|ms|s|nanos"
    r"|micros|millis|sec|secs|seconds))?$"
)
_OPENED = frozenset(
    {
        "http",
        "httprequest",
        "response",
        "res",
        "error",
        "err",
        "log",
        "exception",
        "fields",
        "event",
        "detail",
    }
)
_PAIR = re.compile(
    r'(?:^|(?<=\s))([A-Za-z_@][\w.@-]{0,60})=("(?:[^"\\]|\\.){0,4000}"|[^\s"]{0,4000})'
)
_MAX_FIELDS = 200


@dataclass(slots=True)
class Fields:
    """One structured line, by role."""

    level: Severity | None = None
    level_word: str = ""
    message: str = ""
    logger: str = ""
    error: str = ""
    error_type: str = ""
    stack: str = ""
    status: int = 0
    latencies: list[tuple[str, float]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


def of_object(document: dict[str, object]) -> Fields:
    """Reads a JSON object; objects such as `http` or `error` are opened one level deep."""
    fields = Fields()
    for name, value in list(document.items())[:_MAX_FIELDS]:
        if isinstance(value, dict) and name.lower() in _OPENED:
            inner = list(value.items())[:_MAX_FIELDS]
            _read(fields, ((f"{name}.{key}", item) for key, item in inner))
        else:
            _take(fields, name, value)
    return fields


def of_pairs(line: str) -> Fields | None:
    """Reads a logfmt line; None when it has no level, message or time as logfmt has them."""
    pairs = _PAIR.findall(line)
    keys = {key for key, _ in pairs}
    if not keys & {"level", "lvl", "severity", "msg", "message"} or len(pairs) < 2:
        return None
    fields = Fields()
    _read(fields, ((key, _unquoted(value)) for key, value in pairs[:_MAX_FIELDS]))
    return fields


def _read(fields: Fields, items: Iterable[tuple[str, object]]) -> None:
    for name, value in items:
        _take(fields, name, value)


def _take(fields: Fields, name: str, value: object) -> None:
    role = _ROLE_OF.get(name.lower())
    if role is None:
        fields.names.append(name)
        if _LATENCY_NAME.match(name):
            seconds = duration(value, unit_of(name))
            if seconds is not None:
                fields.latencies.append((name, seconds))
    elif role == "level":
        if fields.level is None:
            fields.level = of_level(value)
        fields.level_word = fields.level_word or str(value).lower()[:20]
    elif role == "status":
        fields.status = fields.status or _status(value)
    elif value is not None and value is not False and value not in ("", {}, []):
        text = value if isinstance(value, str) else str(value)[:2000]
        if not getattr(fields, role):
            setattr(fields, role, text)


def _status(value: object) -> int:
    if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 599:
        return value // 100
    return 0


def _unquoted(value: str) -> str:
    if value.startswith('"') and len(value) >= 2:
        return value[1:-1].replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")
    return value
