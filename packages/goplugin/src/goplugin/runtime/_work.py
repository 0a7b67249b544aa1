"""The asyncio loop of the provider's code, in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    import logging
    from collections.abc import Callable, Coroutine

_SLICE_SECONDS = 0.005
_CANCEL_SECONDS = 0.5


class WorkLoop:
    """Runs callbacks and coroutines on one asyncio loop in a daemon thread.

    The thread imports asyncio itself (75 ms), so that whoever starts it does not wait. What is posted before the loop is
    ready waits for it; what is posted after `stop` is dropped.

    Args:
        logger: Told of exceptions that nobody handles.
    """

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._lock = threading.Lock()
        self._posted: deque[Callable[[], None]] = deque()
        self._scheduled = False
        self._stopped = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._ident = 0
        self._thread = threading.Thread(target=self._run, name="goplugin-work", daemon=True)

    def start(self) -> None:
        """Start the thread. Done twice, the second is ignored."""
        if self._thread.ident is None and not self._stopped:
            self._thread.start()

    def post(self, callback: Callable[[], None]) -> None:
        """Run the callback in the loop's thread, in the order of posting; any thread may call, and never waits."""
        with self._lock:
            if self._stopped:
                return
            self._posted.append(callback)
            if self._loop is not None and not self._scheduled:
                self._scheduled = True
                if self._ident == threading.get_ident():  # it is awake
                    self._loop.call_soon(self._run_posted)
                else:
                    self._loop.call_soon_threadsafe(self._run_posted)

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine as a task; the loop's thread alone."""
        import asyncio  # noqa: PLC0415 - imported by now

        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)  # the loop itself holds its tasks weakly
        task.add_done_callback(self._tasks.discard)

    def stop(self, seconds: float) -> bool:
        """Cancel all tasks and end the thread.

        Args:
            seconds: How long to wait for it.

        Returns:
            Whether it has ended; False when a handler does not let go.
        """
        give_up_at = time.monotonic() + seconds
        with self._lock:
            self._stopped = True
            self._posted.clear()
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread.ident is None:  # never started
            return True
        self._thread.join(max(0.0, give_up_at - time.monotonic()))
        return not self._thread.is_alive()

    def _run(self) -> None:
        import asyncio  # noqa: PLC0415 - 75 ms that the handshake line does not wait for

        with asyncio.Runner() as runner:
            loop = runner.get_loop()
            loop.set_exception_handler(self._unhandled)
            with self._lock:
                if self._stopped:
                    return
                self._loop = loop
                self._ident = threading.get_ident()
                self._scheduled = True
                loop.call_soon(self._run_posted)
            try:
                loop.run_forever()
                runner.run(self._cancel_all())
            finally:
                with self._lock:
                    self._loop = None

    def _run_posted(self) -> None:
        """Run what was posted, for some milliseconds at a time, so that tasks get their turn."""
        end_of_turn = time.monotonic() + _SLICE_SECONDS
        while time.monotonic() < end_of_turn:
            with self._lock:
                if not self._posted:
                    self._scheduled = False
                    return
                callback = self._posted.popleft()
            try:
                callback()
            except Exception:
                self._logger.exception("a callback on the work loop failed")
        if self._loop is not None:
            self._loop.call_soon(self._run_posted)

    async def _cancel_all(self) -> None:
        import asyncio  # noqa: PLC0415 - imported by now

        tasks = [task for task in self._tasks if not task.done()]
        for task in tasks:
            task.cancel()
        if tasks:
            with suppress(TimeoutError):
                await asyncio.wait(tasks, timeout=_CANCEL_SECONDS)

    def _unhandled(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Log to the host's log; asyncio's own way ends in `sys.stderr`, which hosts often throw away."""
        self._logger.error(
            "%s", context.get("message", "unhandled error"), exc_info=context.get("exception")
        )
