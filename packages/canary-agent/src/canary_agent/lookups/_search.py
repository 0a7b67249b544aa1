"""Finds lines in the logs of a sample again, within a limit of what is read."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from canary_agent.collect import ContainerLog, Side
from canary_agent.evidence import SampleLine
from canary_agent.evidence.parse import MASK, mask
from canary_agent.evidence.parse._lines import batches
from canary_verdict.redaction import without_keys

_LEAST_FRAGMENT = 3
_COMPARED = 400


@dataclass(frozen=True, slots=True)
class FoundLine:
    """One line of a log; not yet redacted."""

    pod: str
    container: str
    text: str


def lines_like(side: Side, sample: SampleLine, limit: int, read_bytes: int) -> list[FoundLine]:
    """Lines that differ from the sample in what is masked only, each text once."""
    head = _head(sample)
    form = mask(head)
    # Most lines end at this one search; the mask of a line costs twenty times as much.
    fragment = max(form.split(MASK), key=len).strip()
    if len(fragment) < _LEAST_FRAGMENT:
        return []
    found: dict[str, FoundLine] = {}
    for log in _in_order(side):
        for line in _lines(log, read_bytes):
            if fragment in line and line not in found and mask(line) == form:
                found[line] = FoundLine(log.pod, log.container, line)
                if len(found) >= limit:
                    return list(found.values())
    return list(found.values())


def lines_around(
    side: Side, sample: SampleLine, before: int, after: int, read_bytes: int
) -> list[FoundLine]:
    """The first line that is the sample's head, in its own log, between its neighbours."""
    head = _head(sample)[:_COMPARED]
    for log in _in_order(side):
        if (log.pod, log.container) == (sample.pod, sample.container):
            found = _with_neighbours(_lines(log, read_bytes), head, before, after)
            if found:
                return [FoundLine(log.pod, log.container, line) for line in found]
    return []


def _with_neighbours(lines: Iterable[str], head: str, before: int, after: int) -> list[str]:
    last: deque[str] = deque(maxlen=before)
    found: list[str] = []
    for line in lines:
        if found:
            found.append(line)
            if len(found) > after:
                break
        elif line.startswith(head):
            found = [line]
        else:
            last.append(line)
    return [*last, *found] if found else []


def _in_order(side: Side) -> list[ContainerLog]:
    return sorted(side.logs, key=lambda log: (log.pod, log.container, not log.previous))


def _lines(log: ContainerLog, read_bytes: int) -> Iterator[str]:
    """A log's lines as the evidence reads them, without the keys that span some."""
    try:
        for lines in batches(_first(log.read(), read_bytes)):
            yield from without_keys(lines)
    except OSError:
        # Coverage has named it already.
        return


def _first(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    for chunk in chunks:
        if limit <= 0:
            return
        yield chunk[:limit]
        limit -= len(chunk)


def _head(sample: SampleLine) -> str:
    return sample.text.split("\n", 1)[0]
