"""Waiting in the event loop for tasks that other threads, or other replicas, end."""

import asyncio
import math
import time
from collections import defaultdict

from canary_agent.store import AnalysisEngine, TaskRecord

_LOOK_INTERVAL = 2.0
"""Seconds between two looks at a task that is waited for: they renew its lease, and find the end that
another replica gave it."""


class Waiting:
    """Those who wait for final states, in one event loop.

    Args:
        engine: a launched engine; its `on_final` is taken.
    """

    def __init__(self, engine: AnalysisEngine) -> None:
        self._engine = engine
        self._final = FinalStates()
        engine.on_final = self._final.announce

    async def until_final(self, record: TaskRecord, longest: float = math.inf) -> TaskRecord:
        """Waits for the final state, `longest` seconds at most; who waits keeps the lease.

        Returns:
            The task as it stands then. It is still open where the time is over, or where the
            process is about to end.
        """
        give_up = time.monotonic() + longest
        final = self._final.expect(record.id)
        try:
            while True:
                found = await asyncio.to_thread(self._engine.get, record.id)
                record = found or record
                rest = give_up - time.monotonic()
                if record.state.final or rest <= 0 or self._final.released:
                    return record
                try:
                    await asyncio.wait_for(final.wait(), min(rest, _LOOK_INTERVAL))
                except TimeoutError:
                    continue
        finally:
            self._final.forget(record.id, final)

    def release(self) -> None:
        """Wakes everybody for good, since the process is about to end; in the event loop."""
        self._final.release()


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
        """Wakes everybody for good."""
        self.released = True
        for task_id in list(self._waiting):
            self._wake(task_id)

    def _wake(self, task_id: str) -> None:
        for event in self._waiting.get(task_id, ()):
            event.set()
