"""The watch of AnalysisRuns, loaded when the first measurement is under way."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from canary_verdict import Run

if TYPE_CHECKING:
    from .kube.runs import RunWatch

Ended = Callable[[str, str], None]


class LazyRunWatch:
    """One watch for all measurements of the process; see `kube.runs.RunWatch`."""

    def __init__(self, environment: Mapping[str, str], user_agent: str = "metric-ai") -> None:
        """Opens nothing; `environment` says where the cluster is, see `kube.find_access`."""
        self._environment = environment
        self._user_agent = user_agent
        self._watch: RunWatch | None = None

    async def prepare(self) -> None:
        """Loads the watch's modules beside the event loop, so that no measurement waits for them."""
        await asyncio.to_thread(import_module, f"{__package__}.kube.runs")

    def open(self, run: Run, ended: Ended) -> None:
        """A measurement of `run` is under way; `ended` is that of the first call for all of them."""
        from .kube.runs import RunApi, RunRef, RunWatch  # noqa: PLC0415 - see `prepare`

        if self._watch is None:
            from .kube import find_access  # noqa: PLC0415

            find = partial(find_access, self._environment)
            self._watch = RunWatch(RunApi(find, user_agent=self._user_agent), ended)
        self._watch.open(RunRef(run.uid, run.namespace, run.name))

    def close(self, uid: str) -> None:
        """No measurement of the run is under way any more."""
        if self._watch is not None:
            self._watch.close(uid)

    async def aclose(self) -> None:
        """Ends the watch."""
        if self._watch is not None:
            await self._watch.aclose()
