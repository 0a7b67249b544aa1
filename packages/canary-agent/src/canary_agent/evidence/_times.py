"""The time that a log spans, from the first and last lines that carry one."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

_LOOKED_AT = 40
_ISO = re.compile(r"(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)")
_CLF = re.compile(r"\[(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d)")
_EPOCH = re.compile(
    r'"?(?:ts|time|timestamp|@timestamp)"?[:=] ?"?(\d{10})(?:\d{3}(?:\d{3}){0,2}|\.\d{1,9})?\b'
)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class Span:
    """Looks at the first and last lines of each stream that passes through it."""

    def __init__(self) -> None:
        self._moments: list[float] = []

    @property
    def seconds(self) -> float | None:
        """From the oldest to the newest time seen, None where there was none."""
        return max(self._moments) - min(self._moments) if self._moments else None

    def watch(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The same chunks; times are read from the first one's head and the last one's tail."""
        last: deque[bytes] = deque(maxlen=1)
        for chunk in chunks:
            if not last:
                self._note(chunk[: 400 * _LOOKED_AT].splitlines()[:_LOOKED_AT])
            last.append(chunk)
            yield chunk
        if last:
            self._note(last[0][-400 * _LOOKED_AT :].splitlines()[: -_LOOKED_AT - 1 : -1])

    def _note(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            moment = moment_of(line[:400].decode("utf-8", "replace"))
            if moment is not None:
                self._moments.append(moment)
                return


def moment_of(line: str) -> float | None:
    """The time in a line, as seconds since 1970; zones are not looked at, since only spans matter.

    >>> moment_of("2026-01-31T12:00:00Z x") - moment_of("[31/Jan/2026:11:59:30 +0000] y")
    30.0
    """
    if match := _ISO.search(line):
        parts = [int(part) for part in match.groups()]
    elif match := _CLF.search(line):
        day, month, year, *rest = match.groups()
        parts = [int(year), _MONTHS.index(month) + 1 if month in _MONTHS else 0, int(day)]
        parts += [int(part) for part in rest]
    elif match := _EPOCH.search(line):
        return float(match[1])
    else:
        return None
    try:
        return datetime(*parts[:6], tzinfo=UTC).timestamp()  # type: ignore[arg-type, misc]
    except ValueError:
        return None
