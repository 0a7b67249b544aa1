"""What the plugin writes on stdout and stderr after the handshake, sent over yamux streams (stream.go: copyStream)."""

from __future__ import annotations

import io
from collections import deque
from threading import Lock
from typing import TYPE_CHECKING

from goplugin.runtime._channel import Receiver

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import ReadableBuffer

    from goplugin.runtime._channel import Channel

BUFFER_BYTES = 256 * 1024
_SEND_BYTES = 32 * 1024


class OutputBuffer:
    """Bytes that wait for the host to read them: a queue that drops its oldest beyond a bound, and says so.

    Any thread writes, and never waits; the session's thread takes.

    Args:
        wake: Called (by the writing thread) when there is something to take after there was nothing.
        capacity: Most bytes kept.
    """

    def __init__(self, wake: Callable[[], None], capacity: int = BUFFER_BYTES) -> None:
        self._wake = wake
        self._capacity = capacity
        self._lock = Lock()
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._dropped = 0

    def __len__(self) -> int:
        return self._size

    def write(self, data: bytes) -> None:
        """Keep the bytes; the oldest ones go where there is no room."""
        if not data:
            return
        with self._lock:
            was_empty = not self._chunks
            if len(data) > self._capacity:
                self._dropped += len(data) - self._capacity
                data = data[-self._capacity :]
            self._chunks.append(data)
            self._size += len(data)
            while self._size > self._capacity:
                oldest = self._chunks.popleft()
                self._size -= len(oldest)
                self._dropped += len(oldest)
        if was_empty:
            self._wake()

    def take(self) -> bytes:
        """All that waits, oldest first, after a notice of what was dropped; empty when there is nothing."""
        with self._lock:
            data = b"".join(self._chunks)
            dropped, self._dropped = self._dropped, 0
            self._chunks.clear()
            self._size = 0
        if dropped:
            notice = (
                f"\n[goplugin: {dropped} bytes of output were dropped, because nobody read them]\n"
            )
            return notice.encode() + data
        return data


class _RawOutput(io.RawIOBase):
    """A file whose bytes go into an `OutputBuffer`."""

    def __init__(self, buffer: OutputBuffer, name: str) -> None:
        super().__init__()
        self.name = name
        self._buffer = buffer

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        chunk = bytes(data)
        self._buffer.write(chunk)
        return len(chunk)


def text_stream(buffer: OutputBuffer, name: str) -> io.TextIOWrapper:
    """A text file to put in the place of `sys.stdout` or `sys.stderr`: UTF-8, each write handed on at once.

    It has no file descriptor (`fileno` raises `io.UnsupportedOperation`). Processes started by the plugin inherit the
    original files, as they do in Go.
    """
    return io.TextIOWrapper(
        _RawOutput(buffer, name),  # no buffer between, as under `python -u`
        encoding="utf-8",
        errors="backslashreplace",
        write_through=True,
    )


class StreamPump(Receiver):
    """Moves an `OutputBuffer` into the stream that the host reads it from; the session's thread alone.

    A stream is held by one connection at a time. When it breaks, what is buffered waits for the next one.
    """

    def __init__(self, buffer: OutputBuffer) -> None:
        self._buffer = buffer
        self._channel: Channel | None = None

    def attach(self, channel: Channel) -> None:
        """Use this stream from now on, unless there is one already."""
        channel.may_stall = True
        if self._channel is None:
            self._channel = channel
            channel.receiver = self
            self.pump()

    def pump(self) -> None:
        """Hand over what waits, unless earlier output still does."""
        channel = self._channel
        while channel is not None and channel.unsent < _SEND_BYTES and len(self._buffer):
            channel.send(self._buffer.take())

    def finish(self) -> None:
        """Hand over what waits, and end the stream after it."""
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.send(self._buffer.take())
            channel.finish()

    def received(self, data: bytes) -> None:
        """The host sends nothing here; what it sends is taken and dropped."""
        if self._channel is not None:
            self._channel.consumed(len(data))

    def drained(self) -> None:
        """There is room for more."""
        self.pump()

    def broken(self, error: Exception) -> None:  # noqa: ARG002 - part of Receiver
        """Wait for another stream."""
        self._channel = None
