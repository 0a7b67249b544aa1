"""How many requests are at work at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ._limits import ClientLimits


class Slot:
    """A place among the requests in flight, lent to one request.

    A request that only waits for an agent to think costs nothing, so after `patience` seconds of
    waiting its place goes to another, and it takes one again when its answer begins.
    """

    def __init__(self, places: asyncio.Semaphore, patience: float) -> None:
        self._places = places
        self._patience = patience
        self._timer: asyncio.TimerHandle | None = None
        self._held = False
        self.stage = "waiting for a place among the requests in flight"

    async def take(self) -> None:
        """Waits for a place; returns at once when it has one."""
        self._stop_timer()
        if not self._held:
            await self._places.acquire()
            self._held = True

    def give_back(self) -> None:
        """Gives the place back; nothing when there is none."""
        self._stop_timer()
        if self._held:
            self._held = False
            self._places.release()

    async def trace(self, event: str, info: object) -> None:
        """httpcore2's `trace` extension: what the request is doing now."""
        del info
        self.stage = _STAGES.get(event, self.stage)
        if event == "http11.receive_response_headers.started":
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._patience, self.give_back)
        elif event == "http11.receive_response_headers.complete":
            await self.take()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


_STAGES = {
    "connection.connect_tcp.started": "connecting",
    "connection.start_tls.started": "in the TLS handshake",
    "http11.send_request_headers.started": "sending the request",
    "http11.receive_response_headers.started": "waiting for the answer",
    "http11.receive_response_body.started": "reading the answer",
}


class Flight:
    """All places: `max_in_flight` at work, `limits.max_open` begun.

    The second is taken first, and each pool has as many connections, so that nobody waits for a
    connection while holding a place that the connection's owner needs.
    """

    def __init__(self, max_in_flight: int, limits: ClientLimits) -> None:
        self._places = asyncio.Semaphore(max_in_flight)
        self._open = asyncio.Semaphore(limits.max_open)
        self._patience = limits.patience

    @asynccontextmanager
    async def hold(self, slot: Slot) -> AsyncIterator[None]:
        """Holds `slot` for the length of one request."""
        async with self._open:
            try:
                await slot.take()
                yield
            finally:
                slot.give_back()

    def new_slot(self) -> Slot:
        """A slot that holds no place yet."""
        return Slot(self._places, self._patience)
