"""The part of recorded logs that lies within a request's window.

Files have no clock but their own lines: the window ends with the newest time on either side, and is the
same for both.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from canary_agent.moments import moment_of

from ._model import ContainerLog, Gap, Sample, Side

_ENDS = 64 << 10
# A line's own time is at its beginning; further on it may speak of any other.
_HEAD = 80
_MAX_NAMED = 5

Read = Callable[[], Iterator[bytes]]


class _Reach(NamedTuple):
    """The first and the last time in a log, seconds since 1970."""

    first: float
    last: float


def within(sample: Sample, seconds: float) -> Sample:
    """The sample without what is older than the window, which a gap names.

    Lines without a time stay with the last one that has one; logs without times stay whole. Where one
    side would keep nothing, the sides were recorded at different times, and all of both is kept.

    Args:
        sample: logs in files.
        seconds: of the window.
    """
    sides = sample.stable, sample.canary
    reaches = [[_reach(log) for log in side.logs] for side in sides]
    known = [reach for side in reaches for reach in side if reach]
    if not known:
        return sample
    begin = max(reach.last for reach in known) - seconds
    if any(side and all(one and one.last < begin for one in side) for side in reaches):
        text = "the window was not applied: one side's logs lie wholly before it"
        return replace(sample, gaps=(*sample.gaps, Gap(text, blocking=False)))
    stable, canary = (_cut(side, found, begin) for side, found in zip(sides, reaches, strict=True))
    gaps = [
        gap
        for name, found, side in zip(("stable", "canary"), reaches, sides, strict=True)
        if (gap := _left_out(name, side.logs, found, begin))
    ]
    return replace(sample, stable=stable, canary=canary, gaps=(*sample.gaps, *gaps))


def _cut(side: Side, reaches: Sequence[_Reach | None], begin: float) -> Side:
    logs = [
        replace(log, read=partial(_since, log.read, begin))
        if reach and reach.first < begin
        else log
        for log, reach in zip(side.logs, reaches, strict=True)
    ]
    return replace(side, logs=tuple(logs))


def _left_out(
    name: str, logs: Sequence[ContainerLog], reaches: Sequence[_Reach | None], begin: float
) -> Gap | None:
    cut = [
        f"{log.pod}/{log.container}"
        for log, reach in zip(logs, reaches, strict=True)
        if reach and reach.first < begin
    ]
    if not cut:
        return None
    more = f" and {len(cut) - _MAX_NAMED} more" if len(cut) > _MAX_NAMED else ""
    since = datetime.fromtimestamp(begin, UTC).isoformat().replace("+00:00", "Z")
    text = f"{name}: lines before {since}, outside the window, were left out of"
    return Gap(f"{text} {', '.join(cut[:_MAX_NAMED])}{more}", blocking=False)


def _reach(log: ContainerLog) -> _Reach | None:
    """None where no line near the log's ends has a time, or the log cannot be read, as its reader will say."""
    head, tail = b"", b""
    try:
        for chunk in log.read():
            if len(head) < _ENDS:
                head += chunk[:_ENDS]
            tail = (tail + chunk)[-_ENDS:]
    except OSError:
        return None
    first = next(_moments(head.split(b"\n")), None)
    last = next(_moments(reversed(tail.split(b"\n"))), None)
    return None if first is None or last is None else _Reach(first, last)


def _moments(lines: Iterable[bytes]) -> Iterator[float]:
    return (moment for line in lines if (moment := _moment(line)) is not None)


def _moment(line: bytes) -> float | None:
    shown = line[:400] if line.startswith(b"{") else line[:_HEAD]
    return moment_of(shown.decode("utf-8", "replace"))


def _since(read: Read, begin: float) -> Iterator[bytes]:
    """From the first line at `begin` or later to the end."""
    chunks = read()
    held = b""
    for chunk in chunks:
        held += chunk
        whole, newline, held = held.rpartition(b"\n")
        lines = whole.split(b"\n") if newline else []
        at = _first_since(lines, begin)
        if at is not None:
            yield b"\n".join(lines[at:]) + b"\n" + held
            yield from chunks
            return
    if _first_since([held], begin) is not None:
        yield held


def _first_since(lines: Sequence[bytes], begin: float) -> int | None:
    for at, line in enumerate(lines):
        moment = _moment(line)
        if moment is not None and moment >= begin:
            return at
    return None
