"""What opens issues on a server of tests, with a clock that stands still."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from github_api import TOKEN, GitHubServer

from canary_verdict.repositories import AllowedOwners
from rollouts_plugin_metric_ai.a2a_client import DEFAULT_LIMITS, HostPolicy, HttpClient
from rollouts_plugin_metric_ai.github import Draft, Filer, GitHubApi, Journal, Outcome

KEY = "metricai0123456789abcdef012"
SINCE = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
NOW = 1_800_000_000.0
SECONDS = 20.0


class Desk:
    """Makes filers for one server and one journal.

    Attributes:
        github: the server.
        journal: the folder.
        draft: an issue for `acme/shop`.
    """

    def __init__(self, github: GitHubServer, journal: Path) -> None:
        self.github = github
        self.journal = journal
        self.allowed = AllowedOwners.parse(f"{github.url}/acme")
        self.draft = Draft(
            key=KEY,
            repository=self.allowed.find(f"{github.url}/acme/shop"),
            title="Canary of shop rolled back",
            body=f"<!-- {KEY} -->\n\nwhy",
            labels=("canary-failure",),
            assignees=("octocat",),
            since=SINCE,
        )
        self._made: list[Filer] = []

    def filer(self, *waits: float, ca_file: str = "") -> Filer:
        """One that waits for `waits` seconds before each further try; for it, it is always `NOW`."""

        def now() -> float:
            return NOW

        http = HttpClient(HostPolicy(), "test", 4, DEFAULT_LIMITS)
        api = GitHubApi(http, TOKEN, ca_file=ca_file, clock=now)
        filer = Filer(api, Journal(self.journal), self.allowed, waits=waits, clock=now)
        self._made.append(filer)
        return filer

    async def file(self, *waits: float) -> Outcome:
        """What the first try with the draft brings."""
        return await self.filer(*waits).file(self.draft)

    def opened(self) -> list[dict[str, Any]]:
        """The repository's issues."""
        return self.github.issues["acme/shop"]

    def entries(self) -> list[dict[str, Any]]:
        """What the journal holds."""
        return [json.loads(path.read_text()) for path in self.journal.glob("*.json")]

    async def done(self) -> None:
        """Waits until the journal is empty."""
        await until(lambda: not list(self.journal.glob("*.json")))

    async def aclose(self) -> None:
        for filer in self._made:
            await filer.aclose()


async def until(what: Callable[[], object]) -> None:
    """Waits until `what` gives something."""
    async with asyncio.timeout(SECONDS):
        while not what():  # noqa: ASYNC110 - what is waited for happens on a disk and in other threads
            await asyncio.sleep(0.005)
