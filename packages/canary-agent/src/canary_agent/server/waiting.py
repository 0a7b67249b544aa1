"""Waiting in the event loop for tasks that other threads end."""

import asyncio
from collections import defaultdict


class FinalStates:
    """Tells coroutines of one event loop when a task is final."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self.released = False
        """Whether nobody shall wait any more."""

    def announce(self, task_id: str) -> None:
        """Wakes all who wait for the task; from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake, task_id)

    def expect(self, task_id: str) -> asyncio.Event:
        """An event that is set when the task gets its final state; `forget` it afterwards."""
        self._loop = asyncio.get_running_loop()
        event = asyncio.Event()
        self._waiting[task_id].add(event)
        return event

    def forget(self, task_id: str, event: asyncio.Event) -> None:
        """Gives up an event of `expect`."""
        self._waiting[task_id].discard(event)
        if not self._waiting[task_id]:
            del self._waiting[task_id]

    def release(self) -> None:
        """Wakes everybody for good, since the process is about to end."""
        self.released = True
        for task_id in list(self._waiting):
            self._wake(task_id)

    def _wake(self, task_id: str) -> None:
        for event in self._waiting.get(task_id, ()):
            event.set()
