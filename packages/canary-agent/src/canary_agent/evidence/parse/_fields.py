"""What structured lines mean: the common names of level, message, error, status and duration."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from ._mask import mask
from ._numbers import duration, unit_of
from ._severity import Severity, of_level

_ROLES = {
    "level": "level lvl s severity levelname loglevel log_level log.level severity_text @level @l levelstr priority",
    "message": "msg message @message @m event short_message body text renderedmessage messagetemplate @mt textpayload",
    "logger": "logger logger_name name component caller module source category sourcecontext",
    "error": "error err attr.error exception exc exc_info error_message error.message err.message errmsg cause exception.message @x",
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
        "attr",
    }
)
_PAIR = re.compile(
    r'(?:^|(?<=\s))([A-Za-z_@][\w.@-]{0,60})=("(?:[^"\\]|\\.){0,4000}"|[^\s"]{0,4000})'
)
_MAX_FIELDS = 200
_MAX_NAME = 200


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
    for name, value in islice(document.items(), _MAX_FIELDS):
        role = _role(name)
        if isinstance(value, dict) and name.lower() in _OPENED:
            for key, item in islice(value.items(), _MAX_FIELDS):
                inner = f"{name}.{key}"
                _take(fields, inner, _role(inner), item)
        elif role:
            _take(fields, name, role, value)
        else:
            fields.names.append(name)
    return fields


def of_pairs(line: str) -> Fields | None:
    """Reads a logfmt line; None when it has no level, message or time as logfmt has them."""
    pairs = _PAIR.findall(line)
    keys = {key for key, _ in pairs}
    if not keys & {"level", "lvl", "severity", "msg", "message"} or len(pairs) < 2:
        return None
    fields = Fields()
    for key, value in pairs[:_MAX_FIELDS]:
        _take(fields, key, _role(key), _unquoted(value))
    return fields


@lru_cache(maxsize=4096)
def _role(name: str) -> str:
    """What a field of this name is, `latency` among that; empty for nothing that is known."""
    if len(name) > _MAX_NAME:
        return ""
    return _ROLE_OF.get(name.lower()) or ("latency" if _LATENCY_NAME.match(name) else "")


@lru_cache(maxsize=4096)
def _logger(value: str) -> str:
    # Line numbers differ from one version to the next.
    return mask(value[:_MAX_NAME])


@lru_cache(maxsize=1024)
def _level(value: str) -> tuple[Severity | None, str]:
    return of_level(value), value.lower()[:20]


def _take(fields: Fields, name: str, role: str, value: object) -> None:
    if role == "level":
        severity, word = (
            _level(value) if isinstance(value, str) else (of_level(value), str(value)[:20])
        )
        fields.level = severity if fields.level is None else fields.level
        fields.level_word = fields.level_word or word
    elif role == "status":
        fields.status = fields.status or _status(value)
    elif role in {"latency", ""}:
        fields.names.append(name)
        seconds = duration(value, unit_of(name)) if role else None
        if seconds is not None:
            fields.latencies.append((name, seconds))
    elif role == "logger":
        fields.logger = fields.logger or (_logger(value) if isinstance(value, str) else "")
    elif not getattr(fields, role) and value not in (None, False, "", {}, []):
        setattr(fields, role, value if isinstance(value, str) else str(value)[:2000])


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
