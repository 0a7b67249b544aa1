"""Says again and again that this process lives, and ends its work where it could not say so for too long."""

import logging
import threading
import time
from collections.abc import Callable

from .database import out_of_reach
from .state import State
from .state_server import CONFIRM_INTERVAL, PATIENCE

logger = logging.getLogger(__name__)


class Membership:
    """This process among those that share a database; see `state_server` for the rules.

    Args:
        state: an opened state that is shared.
        on_lost: called once, with the reason, where this process may work no more.
    """

    def __init__(self, state: State, on_lost: Callable[[str], None]) -> None:
        self._state = state
        self._on_lost = on_lost
        self._closing = threading.Event()
        self._confirmed = time.monotonic()
        # Two threads, since a call to a database that is out of reach may hang.
        self._threads = [
            threading.Thread(target=work, name=name, daemon=True)
            for name, work in (("heartbeat", self._beat), ("watchdog", self._watch))
        ]

    def start(self, version: str) -> None:
        """Joins, and begins to say so."""
        self._confirmed = time.monotonic()
        self._state.join(version)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Says nothing any more."""
        self._closing.set()
        for thread in self._threads:
            thread.join(PATIENCE)

    def _beat(self) -> None:
        while not self._closing.wait(CONFIRM_INTERVAL):
            asked = time.monotonic()  # the database's own time of it is later
            try:
                if not self._state.confirm():
                    self._lose("other replicas have taken this one for dead")
                    return
            except Exception as error:
                if not out_of_reach(error):
                    logger.exception("cannot say that this replica lives")
                continue
            self._confirmed = asked

    def _watch(self) -> None:
        while not self._closing.wait(min(1.0, PATIENCE / 4)):
            if time.monotonic() - self._confirmed > PATIENCE:
                self._lose(f"the database was out of reach for {PATIENCE:g} s")
                return

    def _lose(self, why: str) -> None:
        if not self._closing.is_set():
            self._closing.set()
            self._on_lost(why)
