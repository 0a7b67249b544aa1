"""The time that a log spans, from the first and last lines that carry one."""

from collections import deque
from collections.abc import Iterable, Iterator

from canary_agent.moments import moment_of

_LOOKED_AT = 40


class Span:
    """Looks at the first and last lines of each stream that passes through it."""

    def __init__(self) -> None:
        self.moments: list[float] = []

    @property
    def seconds(self) -> float | None:
        """From the oldest to the newest time seen, None where there was none."""
        return max(self.moments) - min(self.moments) if self.moments else None

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
                self.moments.append(moment)
                return


def joined_seconds(spans: Iterable[Span]) -> float | None:
    """From the oldest to the newest time of several streams, None where there was none."""
    moments = [moment for span in spans for moment in span.moments]
    return max(moments) - min(moments) if moments else None
