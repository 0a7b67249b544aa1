"""From a failed measurement to an issue and back: the measurement with its link.

An issue is an extra: whatever goes wrong with one is a line in the log and an entry in the measurement's
metadata, and never changes a verdict or keeps it waiting for longer than `BUDGET`.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from argo_rollouts_plugin.v1alpha1 import Measurement
from canary_verdict import CanaryRequest, CanaryVerdict
from canary_verdict.issue import Incident, issue_body, issue_key, issue_title
from canary_verdict.repositories import AllowedOwners, GitHubRepository, RepositoryRefused
from rollouts_plugin_metric_ai import VERSION
from rollouts_plugin_metric_ai.a2a_client import DEFAULT_LIMITS, HostPolicy, HttpClient
from rollouts_plugin_metric_ai.config import Settings
from rollouts_plugin_metric_ai.summary import bounded, with_issue

from ._api import GitHubApi
from ._draft import Draft
from ._filing import Filer, Outcome
from ._journal import Journal

log = logging.getLogger(__name__)

BUDGET = 1.5
"""Seconds that a rolled back measurement waits for its issue."""

_IN_FLIGHT = 4  # requests at once: GitHub asks for few


class Reporter:
    """Opens issues for failed measurements, on the running event loop.

    Args:
        token: sent to the APIs of allowed repositories alone.
        allowed: the operator's list; one that cannot be read allows nothing, and says so.
        journal: the folder of what is not done yet.
        ca_file: certificates in PEM to trust besides the system's; may be empty.
        user_agent: as GitHub sees it.
    """

    def __init__(
        self, *, token: str, allowed: str, journal: Path, ca_file: str, user_agent: str
    ) -> None:
        self._problem = ""
        try:
            self._allowed = AllowedOwners.parse(allowed)
        except RepositoryRefused as error:
            self._allowed = AllowedOwners({})
            self._problem = f"METRIC_AI_GITHUB_ALLOWED: {error}"
        http = HttpClient(HostPolicy(), user_agent, _IN_FLIGHT, DEFAULT_LIMITS)
        self._filer = Filer(
            GitHubApi(http, token, ca_file=ca_file), Journal(journal), self._allowed
        )
        self._tasks: set[asyncio.Task[Outcome]] = set()

    def go_on(self) -> None:
        """Goes on, in the background, with what an ended process has left."""
        if self._problem:
            log.warning("The journal of GitHub issues is left as it is (%s)", self._problem)
        else:
            self._filer.go_on()

    async def report(
        self,
        measurement: Measurement,
        verdict: CanaryVerdict,
        request: CanaryRequest,
        settings: Settings,
        since: datetime,
    ) -> Measurement:
        """The measurement, with what is known of its issue after `BUDGET` at most.

        Args:
            measurement: that failed.
            verdict: the agent's.
            request: that it answers.
            settings: the stanza's.
            since: no issue about it is older, in UTC.

        Returns:
            With the issue's link, or with one that will find it, in message and metadata; or with the
            reason why there will be none, in metadata.
        """
        try:
            repository = self._find(settings.github_url)
        except RepositoryRefused as error:
            about = {"namespace": request.run.namespace, "run": request.run.name}
            log.warning("Skipping GitHub issue creation (%s)", error, extra=about)
            return _noted(measurement, {"issueProblem": str(error)})
        incident = Incident.of(request, verdict)
        task = asyncio.create_task(self._file(incident, repository, settings, since))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.wait({task}, timeout=BUDGET)
        search = repository.search_link(issue_key(request.run))
        return _told(measurement, verdict, _known(task), search)

    async def aclose(self) -> None:
        """Ends what is under way; the journal keeps it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._filer.aclose()

    def _find(self, address: str) -> GitHubRepository:
        if self._problem:
            raise RepositoryRefused(self._problem)
        try:
            return self._allowed.find(address)
        except RepositoryRefused as error:
            raise RepositoryRefused(f"githubUrl: {error}") from error

    async def _file(
        self, incident: Incident, repository: GitHubRepository, settings: Settings, since: datetime
    ) -> Outcome:
        # Some milliseconds of work on long texts.
        draft = await asyncio.to_thread(_draft, incident, repository, settings, since)
        return await self._filer.file(draft)


def _draft(
    incident: Incident, repository: GitHubRepository, settings: Settings, since: datetime
) -> Draft:
    return Draft(
        key=issue_key(incident.run),
        repository=repository,
        title=issue_title(incident),
        body=issue_body(incident, f"metric-ai {VERSION}"),
        labels=settings.github_labels,
        assignees=settings.github_assignees,
        since=since,
    )


def _known(task: asyncio.Task[Outcome]) -> Outcome:
    """What is known by now."""
    if not task.done() or task.cancelled():
        return Outcome(pending=True)
    if error := task.exception():
        log.error("The GitHub issue failed for a reason of our own", exc_info=error)
        return Outcome(problem="a mistake of the plugin's, see its log")
    return task.result()


def _told(
    measurement: Measurement, verdict: CanaryVerdict, outcome: Outcome, search: str
) -> Measurement:
    if outcome.link:
        entries, words = {"issueLink": outcome.link}, f"issue: {outcome.link}"
    elif outcome.pending:
        entries, words = {"issueSearch": search}, f"issue to come: {search}"
    else:
        entries, words = {}, ""
    if outcome.problem:
        entries["issueProblem"] = outcome.problem
    message = with_issue(measurement.message, verdict, words) if words else measurement.message
    return _noted(replace(measurement, message=message), entries)


def _noted(measurement: Measurement, entries: Mapping[str, str]) -> Measurement:
    # Before what the agent says, which may fill all the room.
    return replace(measurement, metadata=bounded({**entries, **measurement.metadata}))
