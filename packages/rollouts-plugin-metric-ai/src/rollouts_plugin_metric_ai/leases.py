"""Ends work that the controller no longer asks for.

The controller does not say when it gives a measurement up (it skips Terminate for one whose ResumeAt
lies ahead). Our own agent ends such a task itself when its lease runs out; for all others the plugin
does it.
"""

import asyncio
from collections.abc import Callable


class Leases:
    """Timers by contextId, on the running event loop."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def renew(self, context_id: str, expired: Callable[[], None]) -> None:
        """The controller has just asked; `expired` is called when it does not again for so long."""
        self.release(context_id)
        loop = asyncio.get_running_loop()
        self._timers[context_id] = loop.call_later(self._seconds, self._expire, context_id, expired)

    def release(self, context_id: str) -> None:
        """The measurement has ended; nothing is left to be cancelled."""
        timer = self._timers.pop(context_id, None)
        if timer is not None:
            timer.cancel()

    def _expire(self, context_id: str, expired: Callable[[], None]) -> None:
        self._timers.pop(context_id, None)
        expired()
