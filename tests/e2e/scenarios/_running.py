"""Plays scenarios at the same time, and keeps how each ended."""

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import pytest

from ._registry import Scenario
from ._stage import Stage

__all__ = ["Outcome", "Running"]

_AT_ONCE = 24


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a scenario ended, how many seconds it took, and what it saw."""

    scenario: Scenario
    seconds: float
    error: BaseException | None
    seen: str

    def check(self) -> None:
        """Raises what the scenario raised."""
        if self.error is not None:
            raise self.error


class Running:
    """The scenarios that were chosen, begun at once; those that want to be alone come last, in order."""

    def __init__(self, stage: Stage, chosen: Sequence[Scenario]) -> None:
        self._stage = stage
        self._chosen = chosen
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="scenario")
        together = [one for one in chosen if not one.alone]
        self._outcomes: dict[str, Future[Outcome]] = {
            one.name: self._pool.submit(self._play, one) for one in together
        }
        before: list[Future[Outcome]] = [
            self._outcomes[one.name] for one in together if not one.outlasts
        ]
        for one in chosen:
            if one.alone:
                self._outcomes[one.name] = self._pool.submit(self._play_after, before, one)
                before = [self._outcomes[one.name]]

    def outcome(self, name: str) -> Outcome:
        """How a scenario ended; waits for it."""
        return self._outcomes[name].result()

    def ended(self) -> list[Outcome]:
        """All that have ended, in the order that they were given in."""
        futures = [self._outcomes[one.name] for one in self._chosen]
        return [future.result() for future in futures if future.done()]

    def close(self) -> None:
        """Waits for all of them."""
        self._pool.shutdown(cancel_futures=True)

    def _play_after(self, before: list[Future[Outcome]], one: Scenario) -> Outcome:
        wait(before)
        return self._play(one)

    def _play(self, one: Scenario) -> Outcome:
        began = time.monotonic()
        error: BaseException | None = None
        seen: str | None = None
        try:
            seen = one.play(self._stage)
        except (Exception, pytest.fail.Exception) as raised:  # noqa: BLE001 - raised again by `check`
            error = raised
        return Outcome(one, time.monotonic() - began, error, seen or "")
