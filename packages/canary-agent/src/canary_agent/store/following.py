"""What is done about a verdict on other systems: after it, apart from it, and once however often it begins."""

import functools
import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.context import ForkServerContext
from typing import Protocol, TypeVar

from canary_agent.process import (
    Analyser,
    AnalysisCrashedError,
    AnalysisFailedError,
    AnalysisProcess,
    AnalysisStoppedError,
    ChildTask,
)

from .durable import DrainedError
from .records import Outcome, TaskRecord
from .tasks import TaskStore

LINKS = ("issueLink", "prLink")
"""Of what a child says about a verdict only these are taken: it reads what strangers wrote."""

_FINAL_SECONDS = 60.0
_POLL = 0.1

T = TypeVar("T")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What follows a verdict.

    Attributes:
        concerns: from the question's and the answer's JSON text to whether anything does; it knows no
            settings, which may be others after a restart.
        off: why nothing is done after all, by the settings; empty where something is.
        actor_for: from the answer's JSON text to what a child process runs; it must do its work once,
            however often it is begun. The verdict that it gives tells the links.
        link_meanwhile: from the question's JSON text to a page that will lead there; may be empty.
        seconds: that the verdict waits for its links.
    """

    concerns: Callable[[str, str], bool]
    actor_for: Callable[[str], Analyser]
    off: str = ""
    link_meanwhile: Callable[[str], str] = lambda _asked: ""
    seconds: float = 5.0


class Insist(Protocol):
    """Makes a call to the database, which may be out of reach for a while."""

    def __call__(self, call: Callable[[], T]) -> T:
        """The call's result.

        Raises:
            DrainedError: the process is about to end before there was one.
        """
        ...


class Following:
    """The follow-ups that run in this process.

    Args:
        follow_up: what is done; None: nothing.
        context: that children are forked from.
        prepare: run first in each child with its ids.
        insist: gives a call's result once the database answers.
    """

    def __init__(
        self,
        follow_up: FollowUp | None,
        context: ForkServerContext,
        prepare: Callable[[dict[str, str]], None] | None,
        insist: Insist,
    ) -> None:
        self._insist = insist
        self._follow_up = follow_up
        self._context = context
        self._prepare = prepare
        self._running: dict[str, AnalysisProcess] = {}
        self._changed = threading.Condition()
        self._links: dict[str, dict[str, str]] = {}
        self._ending = threading.Event()
        self.on_figures: Callable[[TaskRecord, str], None] = lambda _record, _figures: None

    def open(self, tasks: TaskStore) -> None:
        """Takes the task table."""
        self._tasks = tasks

    def wanted(self, task_id: str, outcome: str) -> bool:
        """Whether anything follows an outcome, by the question and the answer alone."""
        follow_up = self._follow_up
        verdict = json.loads(outcome)["verdict"] if outcome else ""
        record = self._insist(lambda: self._tasks.get(task_id)) if verdict and follow_up else None
        if record is None or follow_up is None:
            return False
        return follow_up.concerns(record.asked, verdict)

    def act(self, task_id: str, outcome: str) -> str:
        """Does what follows; returns the links as JSON text.

        Raises:
            DrainedError: the process is about to end; another one goes on.
        """
        links: dict[str, str] = {}
        try:
            links = self._run(task_id, json.loads(outcome)["verdict"])
        except AnalysisStoppedError as error:
            raise DrainedError from error
        except (AnalysisFailedError, AnalysisCrashedError) as error:
            logger.warning("nothing follows the verdict: %s", error, extra={"task": task_id})
        with self._changed:
            self._links[task_id] = links
            self._changed.notify_all()
        return json.dumps(links)

    def linked(self, task_id: str, how: Outcome) -> Outcome:
        """The outcome with its links, waited for a moment; or with one that will lead there."""
        follow_up = self._follow_up
        if follow_up is None or follow_up.off or not how.verdict:
            return how
        if not self.wanted(task_id, json.dumps({"verdict": how.verdict})):
            return how
        with self._changed:
            there = self._changed.wait_for(
                lambda: task_id in self._links or self._ending.is_set(), follow_up.seconds
            )
            links = self._links.get(task_id, {})
        if not there:
            record = self._insist(lambda: self._tasks.get(task_id))
            page = follow_up.link_meanwhile(record.asked) if record else ""
            links = {"issueLink": page} if page else {}
        return replace(how, verdict=with_links(how.verdict, links))

    def keep(self, task_id: str, links: str) -> str:
        """Puts links that came late into the verdict that is kept."""
        found = json.loads(links)
        end = time.monotonic() + _FINAL_SECONDS
        while found and time.monotonic() < end:
            record = self._insist(lambda: self._tasks.get(task_id))
            if record is None:
                break
            if record.state.final:
                if record.verdict:
                    text = with_links(record.verdict, found)
                    self._insist(functools.partial(self._tasks.amend, task_id, text))
                break
            if self._ending.wait(_POLL):
                raise DrainedError
        with self._changed:
            self._links.pop(task_id, None)
        return "kept"

    def stop_all(self) -> None:
        """Stops what runs; the next process goes on with it."""
        self._ending.set()
        with self._changed:
            self._changed.notify_all()
            running = list(self._running.values())
        for process in running:
            process.stop()

    def _run(self, task_id: str, verdict: str) -> dict[str, str]:
        record = self._insist(lambda: self._tasks.get(task_id))
        if record is None or self._follow_up is None:
            return {}
        if self._follow_up.off:
            logger.info(
                "Skipping GitHub issue creation (%s)", self._follow_up.off, extra=record.ids
            )
            return {}
        actor = self._follow_up.actor_for(verdict)
        process = AnalysisProcess(
            self._context,
            ChildTask(task_id, record.asked, actor, self._prepare, record.trace_id),
        )
        with self._changed:
            if self._ending.is_set():
                raise DrainedError
            self._running[task_id] = process
        try:
            said = json.loads(process.run())
        finally:
            with self._changed:
                del self._running[task_id]
            self.on_figures(record, process.figures)
        return {name: str(said[name]) for name in LINKS if said.get(name)}


def with_links(verdict: str, links: dict[str, str]) -> str:
    """A verdict's JSON text with links in it."""
    return json.dumps({**json.loads(verdict), **links}, ensure_ascii=False) if links else verdict
