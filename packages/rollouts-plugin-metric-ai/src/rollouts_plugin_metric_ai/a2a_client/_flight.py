"""How many requests are at work at once."""

import asyncio

from ._limits import ClientLimits


class Slot:
    """A place among the requests in flight, lent to one request.

    A request that only waits for an agent to think costs nothing, so after `patience` seconds of
    waiting its place goes to another, and it takes one again when its answer begins.

    Attributes:
        stage: what the request is doing, for error texts.
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

    def wait(self) -> None:
        """The request is sent and waits for its answer; `take` when that begins."""
        self.stage = "waiting for the answer"
        self._timer = asyncio.get_running_loop().call_later(self._patience, self.give_back)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Flight:
    """All places: `max_in_flight` at work, `limits.max_open` begun, which are taken first.

    Attributes:
        open: held for the length of one request.
    """

    def __init__(self, max_in_flight: int, limits: ClientLimits) -> None:
        self.open = asyncio.Semaphore(limits.max_open)
        self._places = asyncio.Semaphore(max_in_flight)
        self._patience = limits.patience

    def new_slot(self) -> Slot:
        """A slot that holds no place yet."""
        return Slot(self._places, self._patience)
