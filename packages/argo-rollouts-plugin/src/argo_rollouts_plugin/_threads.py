"""A bounded pool of threads for the plain methods of a provider.

Not a `ThreadPoolExecutor`: the interpreter joins its threads at exit, so one hanging call would
keep a plugin alive after its host has gone. These threads are daemons.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

_T = TypeVar("_T")


class DaemonPool:
    """At most `size` threads, started as they are needed; calls beyond that wait their turn."""

    def __init__(self, name: str, size: int) -> None:
        self._name = name
        self._size = size
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._started = 0
        self._unfinished = 0

    async def run(self, function: Callable[[], _T]) -> _T:
        """Runs a function in one of the threads; a cancelled call that waits is not begun.

        Raises:
            RuntimeError: the function tried to end its thread, or raised StopIteration, which
                cannot pass through an awaitable.
        """
        future: Future[_T] = Future()
        self._calls.put(partial(_perform, function, future))
        self._start_thread_if_short()
        return await asyncio.wrap_future(future)

    def _start_thread_if_short(self) -> None:
        with self._lock:
            self._unfinished += 1
            if self._started == self._size or self._started >= self._unfinished:
                return
            self._started += 1
            name = f"{self._name}-{self._started}"
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def _work(self) -> None:
        while True:
            self._calls.get()()
            with self._lock:
                self._unfinished -= 1


def _perform(function: Callable[[], _T], future: "Future[_T]") -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = function()
    except BaseException as error:  # noqa: BLE001 - handed to the caller, a thread has no other
        if isinstance(error, StopIteration) or not isinstance(error, Exception):
            error = RuntimeError(f"{type(error).__name__} raised: {error}")
        future.set_exception(error)
    else:
        future.set_result(result)
