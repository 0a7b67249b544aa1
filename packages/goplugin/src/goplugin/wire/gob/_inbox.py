"""Cutting the stream into messages: a count, then that many bytes."""

from goplugin.wire.gob._numbers import MalformedError

_LONGEST_COUNT = 9


class Inbox:
    """Bytes of the stream that are not read yet.

    Attributes:
        offset: Where the message taken last begins (after its count), in bytes from the start of the stream.
    """

    def __init__(self, max_message: int) -> None:
        self.offset = 0
        self._max_message = max_message
        self._buffer = bytearray()
        self._taken = 0
        self._wanted = 1

    def append(self, data: bytes) -> None:
        """Take in the next bytes of the stream, however they are cut."""
        self._buffer += data

    def take(self) -> bytes | None:
        """The next message without its count, or None while it is not complete.

        Raises:
            MalformedError: The count is malformed, zero or above the limit; its position is 0 and `offset` is that of the
                count.
        """
        buffer = self._buffer
        if len(buffer) < self._wanted:
            return None
        first = buffer[0]
        if first < 128:
            start, size = 1, first
        else:
            start = 257 - first
            if start > _LONGEST_COUNT:
                raise self._malformed(
                    f"a message's count has {start - 1} bytes, expected at most 8"
                )
            if len(buffer) < start:
                self._wanted = start
                return None
            size = int.from_bytes(buffer[1:start], "big")
        if not 0 < size <= self._max_message:
            raise self._malformed(f"a message of {size} bytes, expected 1 to {self._max_message}")
        end = start + size
        if len(buffer) < end:
            self._wanted = end
            return None
        message = bytes(buffer[start:end])
        del buffer[:end]
        self.offset = self._taken + start
        self._taken += end
        self._wanted = 1
        return message

    def _malformed(self, rule: str) -> MalformedError:
        self.offset = self._taken
        return MalformedError(0, rule)
