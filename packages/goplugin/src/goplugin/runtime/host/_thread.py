"""The one thread of a client, which serves the connection and the plugin's pipes."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

from goplugin.runtime._reactor import Reactor

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class HostThread:
    """A reactor in a daemon thread, started at once.

    Attributes:
        reactor: What it runs.
    """

    def __init__(self) -> None:
        self.reactor = Reactor()
        self._thread = threading.Thread(target=self._run, name="goplugin-host", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self.reactor.run()
        self.reactor.close()

    def call(self, function: Callable[[], T], seconds: float) -> T:
        """Run the function in the thread; return what it returns, raise the OSError that it raises.

        Raises:
            TimeoutError: It did not return in time.
        """
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(function())
            except OSError as error:
                future.set_exception(error)

        self.reactor.post(run)
        return future.result(seconds)

    def close(self, last: Callable[[], None], seconds: float) -> None:
        """Run the function there, then end the thread; waits for that as long as is said."""

        def end() -> None:
            last()
            self.reactor.stop()

        self.reactor.post(end)
        self._thread.join(seconds)
