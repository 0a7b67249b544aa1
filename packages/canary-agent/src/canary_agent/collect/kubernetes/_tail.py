"""The newest part of a stream, in bounded memory."""

import zlib
from collections import deque
from collections.abc import Iterator

_SEGMENT = 256 << 10


class Tail:
    """Keeps the last `limit` bytes of what is appended, in compressed segments.

    Logs shrink about tenfold, so that many of them fit into a small agent, without a disk.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._segment = max(1, min(_SEGMENT, limit // 4))
        self._closed: deque[tuple[int, bytes]] = deque()
        self._open = bytearray()
        self._kept = 0
        self._begins_in_line = False
        self.received = 0
        """Bytes appended so far."""
        self.lines = 0
        """Newlines in them."""

    @property
    def is_cut(self) -> bool:
        """Whether something old was dropped."""
        return self._kept < self.received

    def append(self, data: bytes) -> None:
        """Adds the stream's next bytes."""
        self.received += len(data)
        self.lines += data.count(b"\n")
        self._kept += len(data)
        self._open += data
        while len(self._open) >= self._segment:
            part = bytes(self._open[: self._segment])
            del self._open[: self._segment]
            self._closed.append((len(part), zlib.compress(part, 1)))
            self._drop()

    def chunks(self) -> Iterator[bytes]:
        """What was kept, oldest first, from the first whole line on."""
        skipping = self._begins_in_line
        for chunk in self._stored():
            if skipping:
                _, newline, rest = chunk.partition(b"\n")
                skipping = not newline
                chunk = rest  # noqa: PLW2901 - the same chunk, less the line that was cut
            if chunk:
                yield chunk

    def _stored(self) -> Iterator[bytes]:
        for _, packed in self._closed:
            yield zlib.decompress(packed)
        yield bytes(self._open)

    def _drop(self) -> None:
        while self._kept > self._limit and self._closed:
            size, packed = self._closed.popleft()
            self._kept -= size
            self._begins_in_line = not zlib.decompress(packed).endswith(b"\n")
