"""Ends work that nobody waits for any more.

The controller does not say when it gives a measurement up (it skips Terminate for one whose ResumeAt
lies ahead). A watch of AnalysisRuns sees most of it at once. What no watch sees ends when the controller has
not asked for a whole lease: our own agent does that by itself, for all others the plugin does it.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from canary_verdict import Run

from .watching import LazyRunWatch

GiveUp = Callable[[str], None]

_REMEMBERED = 1024


@dataclass(frozen=True, slots=True)
class _Open:
    run: Run
    give_up: GiveUp
    timer: asyncio.TimerHandle


class OpenMeasurements:
    """The measurements that this process has begun or gone on with, by contextId, on the running event loop."""

    def __init__(self, lease_seconds: float, watch: LazyRunWatch | None = None) -> None:
        """Opens nothing.

        Args:
            lease_seconds: a measurement that nobody has asked for since so long is given up.
            watch: says which AnalysisRuns have ended; None where nobody can say.
        """
        self._lease_seconds = lease_seconds
        self._watch = watch
        self._open: dict[str, _Open] = {}
        self._given_up: OrderedDict[str, str] = OrderedDict()

    def renew(self, context_id: str, run: Run, give_up: GiveUp) -> None:
        """The controller has just asked.

        Args:
            context_id: for which measurement; one whose run has ended stays given up.
            run: the AnalysisRun that it is part of.
            give_up: called with the reason when nobody waits for it any more.
        """
        self._drop(context_id)
        if context_id in self._given_up:
            return
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._lease_seconds, self._expire, context_id)
        self._open[context_id] = _Open(run, give_up, timer)
        if self._watch is not None:
            self._watch.open(run, self._run_ended)

    def release(self, context_id: str) -> None:
        """The measurement has ended; nothing is left to be cancelled."""
        found = self._drop(context_id)
        if found is not None and self._watch is not None and not self._of(found.run.uid):
            self._watch.close(found.run.uid)

    def given_up(self, context_id: str) -> str:
        """Why the measurement was given up when its run ended; empty where it was not."""
        return self._given_up.get(context_id, "")

    def _run_ended(self, uid: str, why: str) -> None:
        for context_id in self._of(uid):
            found = self._drop(context_id)
            self._given_up[context_id] = why
            if len(self._given_up) > _REMEMBERED:
                self._given_up.popitem(last=False)
            if found is not None:
                found.give_up(f"of its AnalysisRun: {why}")

    def _expire(self, context_id: str) -> None:
        found = self._open[context_id]
        self.release(context_id)
        found.give_up(f"nobody has asked for {self._lease_seconds:g} s")

    def _drop(self, context_id: str) -> _Open | None:
        found = self._open.pop(context_id, None)
        if found is not None:
            found.timer.cancel()
        return found

    def _of(self, uid: str) -> list[str]:
        return [context_id for context_id, found in self._open.items() if found.run.uid == uid]
