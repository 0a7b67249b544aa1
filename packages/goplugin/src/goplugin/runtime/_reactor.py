"""One thread's loop over sockets, timers and work handed in by other threads."""

import os
import selectors
import time
from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from threading import RLock, get_ident
from typing import Protocol

_WAKE_BYTES = 4096

READ = selectors.EVENT_READ
WRITE = selectors.EVENT_WRITE


class _HasFileno(Protocol):
    def fileno(self) -> int: ...


class Timer:
    """A callback that is due once, at a time of the monotonic clock."""

    __slots__ = ("callback", "due")

    def __init__(self, due: float, callback: Callable[[], None]) -> None:
        self.due = due
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Forget the callback. Done twice, or after it ran, it changes nothing."""
        self.callback = None


class Reactor:
    """Sockets, timers and posted calls of one thread.

    A selectors loop of our own, because asyncio may not be imported before the handshake line is out (it takes 75 ms),
    and because Ping has to be answered while the provider's asyncio loop is busy.

    `post` may be called by any thread and by signal handlers; everything else by the thread that runs the loop, or before
    it runs. A callback that raises ends `run` with that exception: callbacks handle their own errors.
    """

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = count()
        self._posted: deque[Callable[[], None]] = deque()
        self._soon: deque[Callable[[], None]] = deque()
        # re-entrant, because a signal handler may post while its own thread is posting
        self._waking = RLock()
        self._woken = False
        self._stopping = False
        self._closed = False
        self._thread: int | None = None
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._selector.register(self._wake_read, READ, lambda _events: self._awake())

    @property
    def in_thread(self) -> bool:
        """Whether the caller is the thread that runs the loop."""
        return self._thread == get_ident()

    def post(self, callback: Callable[[], None]) -> None:
        """Run the callback in the loop's thread. After `close` it is dropped.

        Args:
            callback: Runs in the order of posting, of one thread's posts.
        """
        self._posted.append(callback)
        with self._waking:
            if not (self._woken or self._closed):
                self._woken = True
                os.write(self._wake_write, b"\0")

    def _awake(self) -> None:
        os.read(self._wake_read, _WAKE_BYTES)

    def soon(self, callback: Callable[[], None]) -> None:
        """Run the callback at the end of this turn of the loop, after everything that was ready in it."""
        self._soon.append(callback)

    def later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Run the callback once, after that many seconds (0 or more)."""
        timer = Timer(time.monotonic() + seconds, callback)
        heappush(self._timers, (timer.due, next(self._order), timer))
        return timer

    def watch(self, file: _HasFileno | int, events: int, callback: Callable[[int], None]) -> None:
        """Call back with the ready events (`READ`, `WRITE` or both) of a file; replaces an earlier watch of it."""
        try:
            self._selector.modify(file, events, callback)
        except KeyError:
            self._selector.register(file, events, callback)

    def unwatch(self, file: _HasFileno | int) -> None:
        """Forget a file. One that is not watched is ignored."""
        try:
            self._selector.unregister(file)
        except KeyError:
            return

    def stop(self) -> None:
        """Let `run` return after the callbacks that are ready; for other threads: `post(reactor.stop)`."""
        self._stopping = True

    def run(self) -> None:
        """Run callbacks until `stop`. Can be called again after it returned."""
        self._thread = get_ident()
        try:
            while not self._stopping:
                self._turn()
        finally:
            self._stopping = False
            self._thread = None

    def _turn(self) -> None:
        # `_woken` goes down before the queue is looked at, so that a post after the look wakes the select.
        self._woken = False
        self._run_all(self._posted)
        self._run_timers()
        self._run_all(self._soon)
        for key, events in self._selector.select(self._patience()):
            # a callback before this one may have closed the file
            if self._selector.get_map().get(key.fd) is not None:
                key.data(events)
        self._run_all(self._soon)

    @staticmethod
    def _run_all(callbacks: deque[Callable[[], None]]) -> None:
        for _ in range(len(callbacks)):
            callbacks.popleft()()

    def _run_timers(self) -> None:
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            timer = heappop(self._timers)[2]
            if timer.callback is not None:
                timer.callback()

    def _patience(self) -> float | None:
        if self._posted or self._soon or self._stopping:
            return 0.0
        while self._timers and self._timers[0][2].callback is None:
            heappop(self._timers)
        if not self._timers:
            return None
        return max(0.0, self._timers[0][0] - time.monotonic())

    def close(self) -> None:
        """Give the loop's own files back; called by the loop's thread after `run`. Later posts are dropped."""
        with self._waking:
            self._closed = True
            self._selector.close()
            os.close(self._wake_read)
            os.close(self._wake_write)
