"""Durations as Go and Kubernetes write them: `90s`, `10m`, `1h30m`, `1.5h`."""

import re
from datetime import timedelta

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|h|m|s)", re.ASCII)
_WHOLE = re.compile(r"(?:\d{1,9}(?:\.\d{1,9})?(?:ms|h|m|s)){1,8}", re.ASCII)


def parse_duration(text: str) -> timedelta:
    """Reads a duration with the units h, m, s and ms.

    Raises:
        ValueError: the text is no such duration; bare numbers are refused, since their unit is a guess.

    Source: Go's time.ParseDuration, without signs and without units below a millisecond.

    >>> parse_duration("1h30m").total_seconds()
    5400.0
    """
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"found {text[:40]!a}, expected a duration such as 90s, 10m or 1h30m")
    return timedelta(
        seconds=sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    )


def format_duration(duration: timedelta) -> str:
    """Writes a duration of whole milliseconds, largest unit first; zero is `0s`.

    >>> format_duration(timedelta(minutes=90))
    '1h30m'
    """
    rest = round(duration.total_seconds() * 1000)
    parts = []
    for unit, size in (("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
