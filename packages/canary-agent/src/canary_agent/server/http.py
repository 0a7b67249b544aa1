"""Limits on connections that uvicorn leaves open: time for a request's head."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 15.0


class BoundedProtocol(H11Protocol):
    """Closes a connection on which no whole request head arrives within `HEAD_SECONDS`."""

    _head_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts to wait for the first head."""
        super().connection_made(transport)
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Stops waiting once a request is being answered; bytes between two start it again."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._head_due is None:
            self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the timer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        self._head_due = self.loop.call_later(HEAD_SECONDS, self._close)

    def _stop_waiting(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    def _close(self) -> None:
        self._head_due = None
        self.transport.close()


def uvicorn_limits() -> dict[str, Any]:
    """Keyword arguments for uvicorn's Config: bounded heads, connections and idle time."""
    return {
        "http": BoundedProtocol,
        "ws": "none",
        "h11_max_incomplete_event_size": 32 * 1024,
        "limit_concurrency": 1000,
        "timeout_keep_alive": 75,
        "timeout_graceful_shutdown": 5,
    }
