"""Questions about single runs, asked beside the watch."""

import asyncio
import logging
from collections.abc import Callable

from rollouts_plugin_metric_ai.kube._errors import KubeError

from ._api import RunApi
from ._row import RunRef

log = logging.getLogger(__name__)

_PAUSES = (0.0, 0.5, 2.0)


class Looks:
    """Asks how runs are doing: of each run one question at a time, and the last one after all news."""

    def __init__(self, api: RunApi, ended: Callable[[str, str], None]) -> None:
        """`ended` is called with the uid and the reason of a run that has ended."""
        self._api = api
        self._ended = ended
        self._asked: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()

    def ask(self, ref: RunRef) -> None:
        """Asks soon; returns at once."""
        if ref.uid in self._asked:
            self._again.add(ref.uid)
            return
        task = asyncio.create_task(self._ask(ref), name=f"look at {ref.namespace}/{ref.name}")
        self._asked[ref.uid] = task
        task.add_done_callback(lambda _: self._asked.pop(ref.uid, None))

    async def aclose(self) -> None:
        """Drops all questions."""
        tasks = list(self._asked.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(self, ref: RunRef) -> None:
        tries = 0
        while tries < len(_PAUSES):
            await asyncio.sleep(_PAUSES[tries])
            self._again.discard(ref.uid)
            try:
                end = await self._api.end_of(ref)
            except KubeError as error:
                log.debug("AnalysisRun %s/%s cannot be read: %s", ref.namespace, ref.name, error)
                tries += 1
                continue
            if end:
                self._ended(ref.uid, end)
            elif ref.uid in self._again:
                continue
            break
        self._again.discard(ref.uid)
