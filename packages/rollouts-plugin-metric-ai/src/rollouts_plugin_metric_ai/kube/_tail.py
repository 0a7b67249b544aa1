"""The newest bytes of a stream."""

import re
from datetime import UTC, datetime

# The kubelet writes nanoseconds and its node's zone before each line.
_ZONED = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?([+-]\d\d:\d\d) ", re.MULTILINE)


class Tail:
    """Keeps the last `keep` bytes of what it is given, in at most three times as much memory.

    Attributes:
        received: bytes given so far.
        lines: of them.
        is_cut: whether some are no longer kept.
    """

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._kept = bytearray()
        self.received = 0
        self.lines = 0
        self.is_cut = False

    def append(self, chunk: bytes) -> None:
        """Takes the next bytes of the stream."""
        self.received += len(chunk)
        self.lines += chunk.count(b"\n")
        self._kept += chunk
        if len(self._kept) > 2 * self._keep:
            self._cut()

    def text(self) -> str:
        """The kept part, from its first whole line on, with all times in UTC."""
        if len(self._kept) > self._keep:
            self._cut()
        kept = bytes(self._kept)
        if self.is_cut:
            kept = kept.partition(b"\n")[2] or kept
        return _ZONED.sub(_in_utc, kept.decode(errors="replace"))

    def _cut(self) -> None:
        del self._kept[: -self._keep]
        self.is_cut = True


def _in_utc(match: re.Match[str]) -> str:
    try:
        moment = datetime.fromisoformat(match[1] + match[3]).astimezone(UTC)
    except (ValueError, OverflowError):
        return match[0]  # no time after all
    return f"{moment:%Y-%m-%dT%H:%M:%S}{match[2] or ''}Z "
