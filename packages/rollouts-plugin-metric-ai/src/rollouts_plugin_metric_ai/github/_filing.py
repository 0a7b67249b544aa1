"""Opens issues: tries at once, and again later where that may help."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace

from canary_verdict.repositories import AllowedOwners

from ._api import GitHubApi
from ._draft import Draft
from ._errors import GitHubError
from ._journal import Entry, Journal, JournalError

log = logging.getLogger(__name__)

WAITS = (5.0, 15.0, 45.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
"""Seconds before each further try, where GitHub names no longer ones."""

LONGEST_WAIT = 3600.0
"""Seconds; who has to wait longer is given up."""

_TRY_SECONDS = 30.0
_MOST_AT_ONCE = 50
_TAKE_OVER_TRIES = 8
_TAKE_OVER_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the first try brought.

    Attributes:
        link: the issue's address; empty where there is none yet.
        problem: why there is none; empty where it is not known yet.
        pending: whether it is tried again.
    """

    link: str = ""
    problem: str = ""
    pending: bool = False


class Filer:
    """Opens each issue once, on the running event loop.

    Args:
        api: speaks to GitHub.
        journal: where what is not done yet outlives the process.
        allowed: whose repositories may be written to.
        waits: see `WAITS`.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        api: GitHubApi,
        journal: Journal,
        allowed: AllowedOwners,
        *,
        waits: tuple[float, ...] = WAITS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._api = api
        self._journal = journal
        self._allowed = allowed
        self._waits = waits
        self._clock = clock
        self._open: dict[str, asyncio.Future[Outcome]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def file(self, draft: Draft) -> Outcome:
        """Finds or opens the issue; it goes on when the caller is cancelled.

        Args:
            draft: what to open; one with the same key that is still to be opened stands for it.

        Returns:
            What the first try brought.
        """
        first = self._open.get(draft.key)
        if first is None:
            if len(self._open) >= _MOST_AT_ONCE:
                return Outcome(
                    problem=f"{_MOST_AT_ONCE} issues are still to be opened; this one is left out"
                )
            first = self._begin(Entry(draft, self._clock()))
        return await asyncio.shield(first)

    def go_on(self) -> None:
        """Goes on, in the background, with what an ended process has left."""
        self._spawn(self._take_over())

    async def aclose(self) -> None:
        """Leaves what is not done to another process."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._journal.release()
        await self._api.aclose()

    async def _take_over(self) -> None:
        # The process before this one may need some seconds to end.
        for _ in range(_TAKE_OVER_TRIES):
            if await asyncio.to_thread(self._journal.take_over):
                break
            await asyncio.sleep(_TAKE_OVER_SECONDS)
        else:
            return
        try:
            entries = await asyncio.to_thread(self._journal.entries, self._allowed)
        except JournalError as error:
            log.warning("The journal of GitHub issues cannot be read: %s", error)
            return
        for entry in entries[:_MOST_AT_ONCE]:
            if entry.draft.key not in self._open:
                log.info("Going on with a GitHub issue", extra=_about(entry.draft))
                self._begin(entry)

    def _begin(self, entry: Entry) -> asyncio.Future[Outcome]:
        first: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._open[entry.draft.key] = first
        self._spawn(self._work(entry, first))
        return first

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, entry: Entry, first: asyncio.Future[Outcome]) -> None:
        key = entry.draft.key
        try:
            outcome = await self._until_done(entry, first)
            await asyncio.to_thread(self._journal.remove, key)
            _tell(first, outcome)
        finally:
            self._open.pop(key, None)
            _tell(first, Outcome(pending=True))  # this process ends, and the journal has it

    async def _until_done(self, entry: Entry, first: asyncio.Future[Outcome]) -> Outcome:
        if not entry.due:
            await self._keep(entry)  # before anything is sent, since a kill may come at any time
        while True:
            await asyncio.sleep(min(max(0.0, entry.due - self._clock()), LONGEST_WAIT))
            try:
                link = await self._try(entry)
            except GitHubError as error:
                wait = self._wait(entry, error)
                if wait is None:
                    log.warning(
                        "No GitHub issue, given up after %d tries: %s",
                        entry.tries + 1,
                        error,
                        extra=_about(entry.draft),
                    )
                    return Outcome(problem=str(error))
                log.info(
                    "No GitHub issue yet, next try in %.0f s: %s",
                    wait,
                    error,
                    extra=_about(entry.draft),
                )
                entry = replace(entry, tries=entry.tries + 1, due=self._clock() + wait)
                await self._keep(entry)
                _tell(first, Outcome(problem=str(error), pending=True))
            else:
                return Outcome(link=link)

    async def _try(self, entry: Entry) -> str:
        draft = entry.draft
        log.info("Attempting to create GitHub issue in %s", draft.repository, extra=_about(draft))
        deadline = asyncio.get_running_loop().time() + _TRY_SECONDS
        if link := await self._api.find(draft, deadline):
            log.info("The GitHub issue is there already: %s", link, extra=_about(draft))
            return link
        try:
            link = await self._api.create(draft, deadline)
        except GitHubError as error:
            if not error.extras or not (draft.labels or draft.assignees):
                raise
            log.warning("%s; opening it without them", error, extra=_about(draft))
            link = await self._api.create(draft, deadline, extras=False)
        log.info("Created GitHub issue %s", link, extra=_about(draft))
        return link

    def _wait(self, entry: Entry, error: GitHubError) -> float | None:
        """Seconds until the next try; None where there is none."""
        if not error.retry or entry.tries >= len(self._waits) or error.wait > LONGEST_WAIT:
            return None
        return max(error.wait, self._waits[entry.tries])

    async def _keep(self, entry: Entry) -> None:
        try:
            await asyncio.to_thread(self._journal.write, entry)
        except JournalError as error:
            log.warning("The GitHub issue would not outlive this process: %s", error)


def _tell(first: asyncio.Future[Outcome], outcome: Outcome) -> None:
    if not first.done():
        first.set_result(outcome)


def _about(draft: Draft) -> dict[str, object]:
    return {"repository": draft.repository.path, "key": draft.key}
