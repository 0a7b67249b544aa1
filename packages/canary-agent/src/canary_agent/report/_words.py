"""How figures, times and addresses are written; the templates' filters."""

import re
from datetime import UTC, datetime, timedelta

from canary_verdict import clip, format_duration

_LONGEST_LINK = 1024
# Nothing but what a link of ours or GitHub's has: no spaces, no quotes, no user info, no scheme but these.
_LINK = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]{1,260}(?:/[A-Za-z0-9._~!$&()*+,;=:@%/?#-]*)?")


def figure(value: float | None, digits: int = 3) -> str:
    """A number as people read it.

    >>> figure(1234567), figure(0.01234), figure(2.0), figure(None), figure(4e-9)
    ('1,234,567', '0.0123', '2', '', '4e-09')
    """
    if value is None:
        return ""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def percent(value: float) -> str:
    """A confidence of 0 to 100.

    >>> percent(97.25), percent(90)
    ('97.3', '90')
    """
    return f"{value:.1f}".removesuffix(".0")


def duration(seconds: float) -> str:
    """As a stanza writes it.

    >>> duration(600)
    '10m'
    """
    return format_duration(timedelta(seconds=seconds))


def moment(value: datetime | None) -> str:
    """A time in UTC, to the second.

    >>> moment(datetime(2026, 1, 31, 13, 5, 9, tzinfo=UTC))
    '31 Jan 2026, 13:05:09 UTC'
    """
    if value is None:
        return ""
    moved = value.astimezone(UTC)
    return f"{moved.day} {moved:%b %Y, %H:%M:%S} UTC"


def clock(value: datetime) -> str:
    """The time of day in UTC."""
    return f"{value.astimezone(UTC):%H:%M:%S}"


def plural(count: float, one: str, many: str = "") -> str:
    """A count with its noun.

    >>> plural(1, "pod"), plural(2100, "pod")
    ('1 pod', '2,100 pods')
    """
    return f"{figure(count)} {one if count == 1 else many or one + 's'}"


def safe_link(text: str) -> str:
    """The text where it is a plain http or https address; empty for everything else.

    >>> safe_link("javascript:alert(1)"), safe_link("https://github.com/o/r/issues/7")
    ('', 'https://github.com/o/r/issues/7')
    """
    plain = len(text) <= _LONGEST_LINK and _LINK.fullmatch(text)
    return text if plain else ""


def short(text: str, limit: int) -> str:
    """At most `limit` characters of the text, with a mark where it was cut."""
    return clip(text, limit)


FILTERS = {
    "clock": clock,
    "duration": duration,
    "figure": figure,
    "moment": moment,
    "percent": percent,
    "plural": plural,
    "safe_link": safe_link,
    "short": short,
}
