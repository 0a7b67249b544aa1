"""What a connection needs of the socket under it; a plain socket has all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket
    from typing import TypeAlias

    Secure: TypeAlias = Callable[[socket], "Transport"]


class Transport(Protocol):
    """A connected stream of bytes, used without blocking by one thread."""

    def fileno(self) -> int:
        """The file descriptor, for selectors."""

    def settimeout(self, value: float | None, /) -> None:
        """As a socket's: 0.0 is not to block."""

    def recv(self, bufsize: int, /) -> bytes:
        """Bytes that have come, at least one; empty at the end.

        Raises:
            BlockingIOError: None have come yet.
            OSError: The connection is broken.
        """

    def send(self, data: memoryview, /) -> int:
        """Take some of these bytes, and say how many.

        Raises:
            BlockingIOError: None for now: call again with the same bytes when the file can be written to.
            OSError: The connection is broken.
        """

    def close(self) -> None:
        """End it, in both directions."""
