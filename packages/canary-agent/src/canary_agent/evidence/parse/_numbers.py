"""Numbers that matter in a text line: the HTTP status and how long something took."""

import re
from functools import lru_cache

_CODE = r"([1-5][0-9][0-9])\b"
_UNITS = r"ns|us|µs|μs|msec|ms|millis|milliseconds|seconds|secs|sec|s|min|m"
_VALUE = rf"(?P<value>[0-9]{{1,15}}(?:\.[0-9]{{1,12}})?)(?: ?(?P<unit>{_UNITS})\b)?"

# Python chooses among them once per template, polars (in Rust) then reads all lines with the one chosen:
# so they hold only what both know. Each begins with a letter or sign of its own, which keeps the search fast.
STATUS = (
    rf'HTTP/[0-9.]{{1,3}}"? {_CODE}',
    rf"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) [^ ]+ (?:HTTP/[0-9.]{{1,3}} )?\"?(?:[-=]> |\| )?{_CODE}",
    rf"[Ss]tatus(?:[_ ]?[Cc]ode)?[\"']?(?:[=:]|\)?:)? ?[\"']?{_CODE}",
    rf"[Rr]esponse[_ ]?[Cc]ode[\"']?[=:]? ?[\"']?{_CODE}",
    rf"[-=]> (?:HTTP )?{_CODE}",
    rf"(?:[Rr]eturned|[Rr]esponded|[Rr]esponded with|[Rr]esponse) (?:HTTP )?{_CODE}",
    rf"\| +{_CODE} +\|",
    rf" (?:-?[0-9]+/){{4}}\+?[0-9]+ {_CODE}",
    rf" (?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) /[^ ]* [^ ]+ [0-9]{{2,5}} (?:[^ ]+ ){{2,4}}{_CODE} [0-9]+ [0-9]+",
    r"[ ,](?:resp|code|http_code)=\"?([2-5][0-9][0-9])\b",
    r"([45][0-9][0-9]) (?:Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out|Not Found)",
)
"""Expressions whose first group is an HTTP status."""

# What servers write without name or unit, and the seconds that one of it is.
_BARE = (
    # HAProxy's total and IIS' time-taken.
    (r" (?:-?[0-9]+/){4}\+?(?P<value>[0-9]{1,9})(?P<unit>) [1-5][0-9][0-9] ", 1e-3),
    (r" [1-5][0-9][0-9] [0-9]{1,4} [0-9]{1,10} (?P<value>[0-9]{1,9})(?P<unit>)$", 1e-3),
    # nginx' $request_time and Apache's %D at the end of an access line.
    (r"\" (?P<value>[0-9]{1,6}\.[0-9]{3})(?P<unit>)$", 1.0),
    (r"\" (?P<value>[0-9]{1,12})(?P<unit>)$", 1e-6),
    # PHP-FPM's %{mili}d after the status, Rack's seconds after status and size.
    (r"\" [1-5][0-9][0-9] (?P<value>[0-9]{1,9}\.[0-9]{3})(?P<unit>)$", 1e-3),
    (r"\" [1-5][0-9][0-9] (?:[0-9]{1,12}|-) (?P<value>[0-9]{1,6}\.[0-9]{4})(?P<unit>)$", 1.0),
)  # fmt: skip

LATENCY = (
    *(
        rf"{name}(?:[_-]?(?P<named>{_UNITS}))?[\"']?(?: ?[=:] ?| )[\"']?{_VALUE}"
        for name in (
            "[Dd]uration", "[Ee]lapsed", "[Ll]atency", "[Tt]ook", "[Rr]esponse[_ -]?[Tt]ime",
            "[Rr]equest[_ -]?[Tt]ime", "[Tt]ime[_ -]?[Tt]aken", "[Rr]untime", r"\brt", r"\burt",
        )
    ),
    r"(?:in|after|[|,;(]) {1,8}(?P<value>[0-9]{1,15}(?:\.[0-9]{1,12})?) ?(?P<unit>ns|us|µs|μs|msec|ms|s|secs|seconds)\b",
    r" \+?(?P<value>[0-9]{1,15}(?:\.[0-9]{1,12})?) ?(?P<unit>ns|us|µs|μs|ms|s)(?: - [^ ]{1,20})?$",
    *(pattern for pattern, _ in _BARE),
)  # fmt: skip
"""Expressions with the groups `value` and `unit`, and where the unit may be in a name, `named`."""

UNITLESS = (*(1.0 for _ in LATENCY[: -len(_BARE)]), *(unit for _, unit in _BARE))
"""Seconds that a value of each of them has where it names no unit."""

ROUTE = r"\b(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\"? (?:(?:URI|uri|url|path)=)?\"?(/[^ ?#\"]*)"
"""An expression whose groups are an HTTP method and a path."""

VARIABLE_STEP = r"[^/]*[0-9][^/]*"
"""A step of a path that is an id rather than a name."""

SECONDS = {
    "ns": 1e-9, "nanos": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "micros": 1e-6,
    "ms": 1e-3, "msec": 1e-3, "millis": 1e-3, "milliseconds": 1e-3,
    "s": 1.0, "sec": 1.0, "secs": 1.0, "seconds": 1.0, "m": 60.0, "min": 60.0,
}  # fmt: skip
_PYTHON_STATUS = tuple(re.compile(pattern) for pattern in STATUS)
_PYTHON_LATENCY = tuple(re.compile(pattern) for pattern in LATENCY)
_GO_DURATION = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(\d{1,9}(?:\.\d{1,12})?)(ns|us|µs|ms|s)")

MOST_SECONDS = 86_400e3
"""Longer is no latency: a number field of that size is something else."""


def status_plan(text: str) -> int:
    """Which of `STATUS` finds the HTTP status in lines such as this one; -1 where there is none."""
    return _first(_PYTHON_STATUS, text)


def status_of(text: str) -> int:
    """The HTTP status that a line reports, 100 to 599; 0 for none.

    >>> status_of('"GET /cart HTTP/1.1" 503 12'), status_of("listens on port 503")
    (503, 0)
    """
    plan = status_plan(text)
    match = _PYTHON_STATUS[plan].search(text) if plan >= 0 else None
    return int(match[1]) if match else 0


def latency_plan(text: str) -> int:
    """Which of `LATENCY` finds how long something took in lines such as this one; -1 for none."""
    return _first(_PYTHON_LATENCY, text)


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> int:
    return next((at for at, pattern in enumerate(patterns) if pattern.search(text)), -1)


def duration(value: object, unit: str) -> float | None:
    """A field's duration in seconds: a number in `unit`, or text with its own unit, as Go writes it."""
    if isinstance(value, bool) or value is None:
        return None
    factor = SECONDS.get(unit, 1.0)
    if isinstance(value, int | float):
        return bounded(float(value) * factor) if abs(value) < 1e15 else None
    text = str(value)[:40].strip()
    match = _GO_DURATION.fullmatch(text.replace(" ", ""))
    if match:
        hours, minutes, rest, rest_unit = match.groups()
        whole = int(hours or 0) * 3600 + int(minutes or 0) * 60
        return bounded(whole + float(rest) * SECONDS[rest_unit])
    try:
        return bounded(float(text) * factor)
    except ValueError:
        return None


def bounded(seconds: float) -> float | None:
    """The value itself where it can be a duration: not negative, not endless, a number."""
    return seconds if 0 <= seconds < MOST_SECONDS else None


@lru_cache(maxsize=1024)
def unit_of(name: str) -> str:
    """The unit that a field's name ends with: `duration_ms`, `elapsedSeconds`; empty for none."""
    match = re.search(
        r"(?:[_.-]|(?<=[a-z]))(ns|nanos|us|micros|ms|millis|Ms|Millis|s|sec|secs|seconds|Seconds)$",
        name,
    )
    return match[1].lower() if match else ""
