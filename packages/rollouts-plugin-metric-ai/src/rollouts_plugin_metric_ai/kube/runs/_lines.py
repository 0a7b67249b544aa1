"""Lines of a stream, each within a bound."""

from collections.abc import Iterator


class Lines:
    """Splits chunks into lines of at most `limit` bytes; longer ones are left out.

    Attributes:
        left_out: how many.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._begun = bytearray()
        self._skipping = False
        self.left_out = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The lines that end in `chunk`, without their ends; empty ones are no lines."""
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            line = self._with(part)
            self._begun.clear()
            if line:
                yield line
            self._skipping = False
        self._begin(rest)

    def _with(self, part: bytes) -> bytes:
        self._begin(part)
        return b"" if self._skipping else bytes(self._begun)

    def _begin(self, part: bytes) -> None:
        if self._skipping:
            return
        if len(self._begun) + len(part) > self._limit:
            self._begun.clear()
            self._skipping = True
            self.left_out += 1
            return
        self._begun += part
