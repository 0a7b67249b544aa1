"""Numbers that matter in a text line: the HTTP status and how long something took."""

import re

_CODE = r"([1-5]\d\d)\b"
_UNITS = r"(?:ns|us|µs|μs|msec|ms|millis|milliseconds|seconds|secs|sec|s|min|m)"
_VALUE = rf"(?P<value>\d{{1,15}}(?:\.\d{{1,12}})?) ?(?P<unit>{_UNITS}(?![\w/]))?"

# Each begins with a letter or sign of its own, not with a word boundary, which keeps the search fast.
_STATUS = tuple(
    re.compile(pattern)
    for pattern in (
        rf'HTTP/[\d.]{{1,3}}"? {_CODE}',
        rf"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \S{{1,2000}} (?:HTTP/[\d.]{{1,3}} )?\"?(?:[-=]> |\| )?{_CODE}",
        rf"[Ss]tatus(?:[_ ]?[Cc]ode)?[\"']?(?:[=:]|\)?:)? ?[\"']?{_CODE}",
        rf"[Rr]esponse[_ ]?[Cc]ode[\"']?[=:]? ?[\"']?{_CODE}",
        rf"[-=]> (?:HTTP )?{_CODE}",
        rf"(?:[Rr]eturned|[Rr]esponded|[Rr]esponded with|[Rr]esponse) (?:HTTP )?{_CODE}",
        rf"\| +{_CODE} +\|",
        r"([45]\d\d) (?:Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out|Not Found)",
    )
)
_LATENCY = tuple(
    re.compile(pattern)
    for pattern in (
        *(
            rf"{name}(?:[_-]?(?P<named>{_UNITS}))?[\"']?(?: ?[=:] ?| )[\"']?{_VALUE}"
            for name in (
                "[Dd]uration", "[Ee]lapsed", "[Ll]atency", "[Tt]ook", "[Rr]esponse[_ -]?[Tt]ime",
                "[Rr]equest[_ -]?[Tt]ime", "[Tt]ime[_ -]?[Tt]aken", "[Rr]untime",
            )
        ),
        r"(?:in|after|[|,;(]) {1,8}(?P<value>\d{1,15}(?:\.\d{1,12})?) ?(?P<unit>ns|us|µs|μs|ms|s|seconds)\b",
        r" (?P<value>\d{1,15}(?:\.\d{1,12})?) ?(?P<unit>ns|us|µs|μs|ms|s)(?: - \S{1,20})?$",
    )
)  # fmt: skip
_SECONDS = {
    "ns": 1e-9, "nanos": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "micros": 1e-6,
    "ms": 1e-3, "msec": 1e-3, "millis": 1e-3, "milliseconds": 1e-3,
    "s": 1.0, "sec": 1.0, "secs": 1.0, "seconds": 1.0, "m": 60.0, "min": 60.0,
}  # fmt: skip
_GO_DURATION = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(\d{1,9}(?:\.\d{1,12})?)(ns|us|µs|ms|s)")

# Longer than a day is no latency, and a number field of that size is something else.
_MOST = 86_400e3


def status_plan(text: str) -> re.Pattern[str] | None:
    """The expression that finds the HTTP status in lines such as this one; None where there is none."""
    return next((pattern for pattern in _STATUS if pattern.search(text)), None)


def status_class(plan: re.Pattern[str], text: str) -> int:
    """The hundreds digit of the HTTP status that a line reports, 0 where it reports none."""
    match = plan.search(text)
    return int(match[1][0]) if match else 0


def latency_plan(text: str) -> re.Pattern[str] | None:
    """The expression that finds how long something took in lines such as this one."""
    return next((pattern for pattern in _LATENCY if pattern.search(text)), None)


def latency(plan: re.Pattern[str], text: str) -> float | None:
    """How long something took, in seconds; without a unit, in whatever unit the line has."""
    match = plan.search(text)
    if match is None:
        return None
    groups = match.groupdict()
    unit = groups["unit"] or groups.get("named") or "s"
    return bounded(float(groups["value"]) * _SECONDS[unit])


def duration(value: object, unit: str) -> float | None:
    """A field's duration in seconds: a number in `unit`, or text with its own unit, as Go writes it."""
    if isinstance(value, bool) or value is None:
        return None
    factor = _SECONDS.get(unit, 1.0)
    if isinstance(value, int | float):
        return bounded(float(value) * factor) if abs(value) < 1e15 else None
    text = str(value)[:40].strip()
    match = _GO_DURATION.fullmatch(text.replace(" ", ""))
    if match:
        hours, minutes, rest, rest_unit = match.groups()
        whole = int(hours or 0) * 3600 + int(minutes or 0) * 60
        return bounded(whole + float(rest) * _SECONDS[rest_unit])
    try:
        return bounded(float(text) * factor)
    except ValueError:
        return None


def bounded(seconds: float) -> float | None:
    """The value itself where it can be a duration: not negative, not endless, a number."""
    return seconds if 0 <= seconds < _MOST else None


def unit_of(name: str) -> str:
    """The unit that a field's name ends with: `duration_ms`, `elapsedSeconds`; empty for none."""
    match = re.search(
        r"(?:[_.-]|(?<=[a-z]))(ns|nanos|us|micros|ms|millis|Ms|Millis|s|sec|secs|seconds|Seconds)$",
        name,
    )
    return match[1].lower() if match else ""
