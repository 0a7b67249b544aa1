"""One verdict's issue and pull request, with patience where GitHub asks for it."""

import json
import logging
import math
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

from canary_agent.process import Cancelled
from canary_verdict import CanaryRequest, CanaryVerdict, parse_verdict
from canary_verdict.issue import Incident
from canary_verdict.repositories import AllowedOwners, RepositoryRefused

from ._client import Access, Client
from ._errors import ActError
from ._issue import file_issue
from ._settings import ActSettings, PullRequests


class ActStoppedError(Exception):
    """It was told to stop."""


log = logging.getLogger(__name__)

WAITS = (2.0, 5.0, 15.0, 60.0, 180.0, 600.0)
"""Seconds before each further try, where GitHub names no longer ones."""

LONGEST_WAIT = 3600.0
_OLDEST = timedelta(days=7)
_BEAT_SECONDS = 0.5


def act(
    settings: ActSettings, request: CanaryRequest, verdict: str, cancelled: Cancelled
) -> CanaryVerdict:
    """Does what is wanted, once, and gives the verdict with the links of it.

    Whatever goes wrong is a line in the log: the verdict is returned with the links that there are.

    Args:
        settings: what the operator allows.
        request: that the verdict answers.
        verdict: JSON text of ours.
        cancelled: asked at least twice a second while nothing can be done.

    Raises:
        ActStoppedError: `cancelled` said so; another call goes on.
    """
    answer = parse_verdict(json.loads(verdict), request.run.uid)
    try:
        repository = AllowedOwners.parse(settings.allowed).find(request.repository.url)
        access = Access(settings.token, settings.app_id, settings.app_key, settings.ca_file)
        client = Client(repository, access)
    except (RepositoryRefused, ActError) as error:
        log.warning("Skipping GitHub issue creation (%s)", error)
        return answer
    incident = Incident.of(request, answer)
    author = f"canary-agent {version('canary-agent')}"

    def issue() -> str:
        since = datetime.now(UTC) - _OLDEST
        return file_issue(client, incident, settings.labels, since, author)

    log.info("Attempting to create GitHub issue in %s", repository)
    link = patiently("issue", issue, cancelled)
    answer = replace(answer, issue_link=link or answer.issue_link)
    if settings.pull_requests is PullRequests.NONE:
        return answer
    # Imported here, since most operators want issues alone.
    from ._propose import pull_request  # noqa: PLC0415

    log.info("Attempting to create GitHub pull request in %s", repository)
    pull = patiently(
        "pull request",
        lambda: pull_request(client, settings, request, answer, cancelled),
        cancelled,
    )
    return replace(answer, pr_link=pull or answer.pr_link)


def patiently(what: str, work: Callable[[], str], cancelled: Cancelled) -> str:
    """The link that `work` gives, tried again where that may help; empty where there is none in the end."""
    tries = 0
    while True:
        try:
            link = work()
        except ActError as error:
            tries += 1
            wait = max(error.wait, WAITS[tries - 1]) if tries <= len(WAITS) else math.inf
            if not error.retry or wait > LONGEST_WAIT:
                log.warning("No GitHub %s, given up after %d tries: %s", what, tries, error)
                return ""
            log.info("No GitHub %s yet, next try in %.0f s: %s", what, wait, error)
            _wait(wait, cancelled)
        else:
            log.info("GitHub %s: %s", what, link)
            return link


def _wait(seconds: float, cancelled: Cancelled) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if cancelled():
            raise ActStoppedError
        time.sleep(min(left, _BEAT_SECONDS))
