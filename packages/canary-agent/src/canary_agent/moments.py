"""The time that a log line carries."""

import re
from datetime import UTC, datetime

LOOKED_AT = 400
"""Characters of a line in which its time is looked for."""
_ISO = re.compile(
    r"(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,]\d{1,9})?( ?[+-]\d\d:?\d\d\b)?Z?"
)
_CLF = re.compile(
    r"\[((\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d)(?: ([+-]\d{4}))?)", re.ASCII
)
_EPOCH = re.compile(
    r'"?(?:ts|time|timestamp|@timestamp)"?[:=] ?"?(\d{10})(?:\d{3}(?:\d{3}){0,2}|\.\d{1,9})?\b'
)
PATTERNS = (_ISO.pattern, _CLF.pattern, _EPOCH.pattern)
"""What a time looks like, the first to be looked for first; in the syntax of Python and of RE2."""

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def moment_of(line: str) -> float | None:
    """The first time in a line's first 400 characters, as seconds since 1970; None where there is none.

    A time without a zone is taken for UTC; fractions of a second are left out.

    >>> moment_of("2026-01-31T13:00:00+01:00 x") - moment_of("[31/Jan/2026:11:59:30 +0000] y")
    30.0
    """
    found = _find(line)
    return found[1] if found else None


def time_in(line: str) -> str:
    """The same time as text: as the line has it, seconds since 1970 as ISO 8601; empty for none.

    >>> time_in('{"level":30,"time":1769860800123}'), time_in("at 2026-01-31 12:00:00,250 x")
    ('2026-01-31T12:00:00Z', '2026-01-31 12:00:00,250')
    """
    found = _find(line)
    return found[0] if found else ""


def _find(line: str) -> tuple[str, float] | None:
    shown = line[:LOOKED_AT]
    try:
        if match := _ISO.search(shown):
            return match[0], _seconds([int(part) for part in match.groups()[:6]], match[7])
        if match := _CLF.search(shown):
            day, month, year = int(match[2]), match[3], int(match[4])
            number = _MONTHS.index(month) + 1
            clock = [int(part) for part in match.groups()[4:7]]
            return match[1], _seconds([year, number, day, *clock], match[8])
        if match := _EPOCH.search(shown):
            seconds = float(match[1])
            text = datetime.fromtimestamp(seconds, UTC).isoformat()
            return text.replace("+00:00", "Z"), seconds
    except ValueError:  # no such day
        pass
    return None


def _seconds(parts: list[int], zone: str | None) -> float:
    year, month, day, hour, minute, second = parts
    moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
    if not zone:
        return moment
    sign, digits = zone.strip()[0], zone.strip()[1:].replace(":", "")
    offset = 3600 * int(digits[:2]) + 60 * int(digits[2:])
    return moment - offset if sign == "+" else moment + offset
