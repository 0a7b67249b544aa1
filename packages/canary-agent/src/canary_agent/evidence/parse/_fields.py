"""What structured lines mean: the common names of level, message, error, status and duration."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from ._mask import MASK, mask
from ._numbers import VARIABLE_STEP, duration, unit_of
from ._severity import Severity, of_level, of_otel, of_syslog

_ROLES = {
    "level": "level lvl s severity levelname loglevel log_level log.level severity_text severitytext severitynumber severity_number @level @l levelstr priority",
    "message": "msg message @message @m event short_message body text renderedmessage messagetemplate @mt textpayload",
    "logger": "logger logger_name name component caller module source category sourcecontext",
    "error": "error err attr.error exception exc exc_info error_message error.message err.message errmsg cause exception.message @x",
    "error_type": "error.type err.type exception.type error_type exception_class errorclass",
    "stack": "stack stacktrace stack_trace error.stack err.stack error.stack_trace exception.stacktrace traceback",
    "method": "method http_method http.method request_method requestmethod req.method request.method verb"
    " http.request.method httprequest.requestmethod",
    "path": "path uri url request_uri request_path requestpath req.url request.uri request.path http.route http.target http.path"
    " url.path http.url httprequest.requesturl",
    "status": "status resp http_code downstreamstatus status_code statuscode http_status httpstatus http.status_code response_code"
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
        "req",
        "request",
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
_ORIGIN = re.compile(r"^\w{1,10}://[^/]{0,200}")
_AFTER_PATH = re.compile(r"[?#]")
_VARIABLE_STEP = re.compile(VARIABLE_STEP)
_MAX_FIELDS = 200
_MAX_NAME = 200
_NO_ERROR = frozenset(
    {"none", "None", "nil", "<nil>", "null", "undefined", "false", "0", "-", "OK", "ok"}
)
_SYSLOG = frozenset({"short_message", "PRIORITY"})
_NANOSECONDS = frozenset({"Duration", "OriginDuration"})  # Traefik's


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
    method: str = ""
    path: str = ""
    latencies: list[tuple[str, float]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    @property
    def route(self) -> str:
        """Method and path of the request, ids and query masked; empty where it names none."""
        return _route(self.method, self.path) if self.method and self.path else ""


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
    if fields.level is None and not _SYSLOG.isdisjoint(document):
        fields.level = of_syslog(fields.level_word)
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
def _route(method: str, path: str) -> str:
    path = _AFTER_PATH.split(_ORIGIN.sub("", path[:_MAX_NAME]), maxsplit=1)[0]
    return f"{method[:10].upper()} {_VARIABLE_STEP.sub(MASK, path)}"


@lru_cache(maxsize=4096)
def _logger(value: str) -> str:
    # Line numbers differ from one version to the next.
    return mask(value[:_MAX_NAME])


@lru_cache(maxsize=1024)
def _level(value: str) -> tuple[Severity | None, str]:
    return of_level(value), value.lower()[:20]


def _severity(name: str, value: object) -> tuple[Severity | None, str]:
    if isinstance(value, str):
        return _level(value)
    is_otel = name.lower() in {"severitynumber", "severity_number"}
    return of_otel(value) if is_otel else of_level(value), str(value)[:20]


def _take(fields: Fields, name: str, role: str, value: object) -> None:
    if role == "level":
        severity, word = _severity(name, value)
        fields.level = severity if fields.level is None else fields.level
        fields.level_word = fields.level_word or word
    elif role == "status":
        fields.status = fields.status or _status(value)
    elif role in {"latency", ""}:
        fields.names.append(name)
        seconds = duration(value, _unit(name, value)) if role else None
        if seconds is not None:
            fields.latencies.append((name, seconds))
    elif role in {"method", "path"}:
        fields.names.append(name)
        if not getattr(fields, role) and isinstance(value, str):
            setattr(fields, role, value)
    elif role == "logger":
        fields.logger = fields.logger or (_logger(value) if isinstance(value, str) else "")
    elif role == "error" and isinstance(value, str) and "\n" in value and not fields.stack:
        fields.stack = value
        fields.error = fields.error or value.partition("\n")[0]
    elif not getattr(fields, role) and not _is_none(role, value):
        setattr(fields, role, _text(value))


def _is_none(role: str, value: object) -> bool:
    return value in (None, False, "", {}, []) or (role == "error" and value in _NO_ERROR)


def _text(value: object) -> str:
    if isinstance(value, dict) and isinstance(value.get("stringValue"), str):
        value = value["stringValue"]  # OpenTelemetry's AnyValue
    return value if isinstance(value, str) else str(value)[:2000]


def _unit(name: str, value: object) -> str:
    """What a duration is told in: by its field's name; a whole number without a unit is of milliseconds."""
    if name in _NANOSECONDS:
        return "ns"
    whole = isinstance(value, int) and not isinstance(value, bool)
    return unit_of(name) or ("ms" if whole else "")


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
