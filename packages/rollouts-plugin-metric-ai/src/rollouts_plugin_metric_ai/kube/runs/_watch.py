"""The watch: one for all measurements, begun with the first and ended with the last."""

import asyncio
import logging
import random
from collections import OrderedDict
from collections.abc import Callable

from rollouts_plugin_metric_ai.kube._errors import KubeError, KubeRefusedError, NoAccessError

from ._api import RunApi, RunEvent
from ._looks import Looks
from ._row import RunRef

log = logging.getLogger(__name__)

_REMEMBERED = 512
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
# Rights change seldom, and whoever mends them need not restart the controller.
_REFUSED_PAUSE = 300.0


class RunWatch:
    """Says which of the open AnalysisRuns have ended.

    All namespaces are watched, or that of the account where no more is allowed. No failure ends more than
    the watch, and each is met with a pause: without a watch, work that nobody waits for ends with its lease.

    Only runs that this process has been asked about are told of. After a restart the controller asks about
    each open measurement again within half a minute, so only a run that ends within it is missed. Its
    status would name the task, but not the credentials (a Secret's values are not in it), anybody who may
    write AnalysisRuns could name any task there, and a run may have 1.5 MB: the lease ends such work instead.
    """

    def __init__(
        self, api: RunApi, ended: Callable[[str, str], None], *, delay: float = 0.25
    ) -> None:
        """Opens nothing.

        Args:
            api: where the runs are.
            ended: called with the uid of an open run and the reason when it has ended; the run is no
                longer open then.
            delay: seconds that the first measurement has for itself before the watch begins.
        """
        self._api = api
        self._ended = ended
        self._delay = delay
        self._looks = Looks(api, self._tell)
        self._open: dict[str, RunRef] = {}
        # Of runs that are not open: why they ended, or nothing where that is unclear. The controller may
        # ask for a measurement before it knows of an end that we have seen already.
        self._seen: OrderedDict[str, str] = OrderedDict()
        self._task: asyncio.Task[None] | None = None
        self._namespace = ""
        self._version = ""
        self._failures = 0
        self._told = ""

    def open(self, ref: RunRef) -> None:
        """A measurement of the run is under way. Returns at once; may be called again."""
        if ref.uid in self._open:
            return
        self._open[ref.uid] = ref
        end = self._seen.get(ref.uid)
        if end:
            # Whoever opens it is not done with it yet.
            asyncio.get_running_loop().call_soon(self._tell, ref.uid, end)
        elif end is not None:
            self._looks.ask(ref)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._follow(), name="watch of AnalysisRuns")
            self._task.add_done_callback(_report)

    def close(self, uid: str) -> None:
        """No measurement of the run is under way any more."""
        self._open.pop(uid, None)

    async def aclose(self) -> None:
        """Ends the watch."""
        await self._looks.aclose()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        await self._api.aclose()

    async def _follow(self) -> None:
        await asyncio.sleep(self._delay)
        self._version = ""
        while self._open:
            began = asyncio.get_running_loop().time()
            try:
                await self._watch()
            except KubeError as error:
                await asyncio.sleep(await self._pause_after(error))
            else:
                # A server that ends each watch at once is in trouble.
                if asyncio.get_running_loop().time() - began < _FIRST_PAUSE:
                    await asyncio.sleep(self._growing_pause())
        await self._api.aclose()

    async def _watch(self) -> None:
        if not self._version:
            self._version = await self._api.version(self._namespace)
            # What has happened before is in no event.
            for ref in list(self._open.values()):
                self._looks.ask(ref)
        await self._api.watch(self._namespace, self._version, self._saw)

    def _saw(self, event: RunEvent) -> None:
        self._version = event.version or self._version
        self._failures = 0
        self._told = ""
        row = event.row
        if row is None or not (row.end or row.unclear):
            return
        if row.ref.uid not in self._open:
            self._remember(row.ref.uid, row.end)
        elif row.end:
            self._tell(row.ref.uid, row.end)
        else:
            self._looks.ask(row.ref)

    def _tell(self, uid: str, end: str) -> None:
        if self._open.pop(uid, None) is not None:
            self._remember(uid, end)
            self._ended(uid, end)

    def _remember(self, uid: str, end: str) -> None:
        self._seen[uid] = end
        self._seen.move_to_end(uid)
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)

    async def _pause_after(self, error: KubeError) -> float:
        """Seconds until the next try, which may go elsewhere."""
        status = error.status if isinstance(error, KubeRefusedError) else 0
        if status == 410:
            self._version = ""  # too old: begin anew
            return self._growing_pause()
        if status == 403 and not self._namespace:
            self._namespace = await self._own_namespace()
            if self._namespace:
                log.info(
                    "AnalysisRuns are watched in namespace %s alone: %s", self._namespace, error
                )
                return 0.0
        self._say(error)
        if status in {403, 404} or isinstance(error, NoAccessError):
            self._namespace = self._version = ""
            return _REFUSED_PAUSE
        return self._growing_pause()

    async def _own_namespace(self) -> str:
        try:
            return await self._api.own_namespace()
        except KubeError:
            return ""

    def _say(self, error: KubeError) -> None:
        """One line for each kind of trouble, until the watch works again."""
        if str(error) == self._told:
            return
        self._told = str(error)
        # Outside of a cluster there is nobody to be told.
        log.log(
            logging.DEBUG if isinstance(error, NoAccessError) else logging.INFO,
            "AnalysisRuns cannot be watched, so agents learn of aborts when their lease ends: %s",
            error,
        )

    def _growing_pause(self) -> float:
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(self._failures, 10))
        self._failures += 1
        return pause * random.uniform(0.5, 1.0)  # noqa: S311 - so that controllers do not come at once


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("The watch of AnalysisRuns broke down", exc_info=error)
