"""A container's log in the format of the container runtime interface (CRI).

Source: https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md:
`<time> <stream> <P or F> <text>`; a partial line (P) is continued by the next entry. Both streams come
from one pipe here, so all is `stdout`.
"""

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

__all__ = ["LogOptions", "LogWriter", "read_log"]

# Like the kubelet's containerLogMaxSize: a full file is begun anew, and readers see the new one only.
_MAX_BYTES = 10 * 1024 * 1024
_MAX_ENTRY = 16 * 1024


@dataclass(frozen=True, slots=True)
class LogOptions:
    """What a reader asks for: core/v1 PodLogOptions.

    Attributes:
        since: seconds since the epoch; earlier lines are left out.
        tail: number of lines at the end; None: all.
        limit: number of bytes; None: all.
        timestamps: whether each line begins with its time.
    """

    since: float = 0.0
    tail: int | None = None
    limit: int | None = None
    timestamps: bool = False


class LogWriter:
    """Cuts what a container writes into lines and puts the time before each."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("ab", buffering=0)
        self._size = 0
        self._rest = b""

    def write(self, data: bytes) -> None:
        """Takes any piece of output."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        entries = [self._entries(line, b"F") for line in lines]
        while len(self._rest) >= _MAX_ENTRY:
            entries.append(self._entry(self._rest[:_MAX_ENTRY], b"P"))
            self._rest = self._rest[_MAX_ENTRY:]
        self._put(b"".join(entries))

    def close(self) -> None:
        """Writes the last line, ended or not."""
        if self._rest:
            self._put(self._entries(self._rest, b"F"))
            self._rest = b""
        self._file.close()

    def _entries(self, line: bytes, last: bytes) -> bytes:
        pieces = [line[at : at + _MAX_ENTRY] for at in range(0, len(line), _MAX_ENTRY)] or [b""]
        begun = b"".join(self._entry(piece, b"P") for piece in pieces[:-1])
        return begun + self._entry(pieces[-1], last)

    def _entry(self, text: bytes, kind: bytes) -> bytes:
        return b"%s stdout %s %s\n" % (_now().encode(), kind, text)

    def _put(self, data: bytes) -> None:
        if self._size and self._size + len(data) > _MAX_BYTES:
            self._file.close()
            self._file = self._path.open("wb", buffering=0)
            self._size = 0
        self._file.write(data)
        self._size += len(data)


def read_log(path: Path, options: LogOptions) -> Iterator[bytes]:
    """The log's lines as asked for, in pieces of any size."""
    lines: Iterator[bytes] = _lines(path, options)
    if options.tail is not None:
        lines = iter(deque(lines, maxlen=options.tail))
    left = options.limit
    for line in lines:
        if left is None:
            yield line
            continue
        yield line[:left]
        left -= len(line)
        if left <= 0:
            return


def _lines(path: Path, options: LogOptions) -> Iterator[bytes]:
    whole = b""
    with path.open("rb") as file:
        for entry in file:
            moment, _, kind, text = entry.split(b" ", 3)
            begins = moment + b" " if options.timestamps and not whole else b""
            whole += begins + (text[:-1] if kind == b"P" else text)
            if kind == b"F":
                if _seconds(moment) >= options.since:
                    yield whole
                whole = b""


def _now() -> str:
    nanoseconds = time.time_ns()
    seconds, fraction = divmod(nanoseconds, 1_000_000_000)
    moment = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{moment}.{fraction:09d}Z"


def _seconds(moment: bytes) -> float:
    return datetime.fromisoformat(moment.decode()).timestamp()
