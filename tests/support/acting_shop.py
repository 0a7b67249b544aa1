"""A repository on a server of tests, and an agent that may write to it."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from github_api import GitHubServer
from github_git import Git, git_of

from canary_agent.act import ActSettings, actor_for
from canary_verdict import CanaryRequest, CanaryVerdict, Repository, Run, Selection, Verdict

RUN = Run("5f1c0e1e", "shop-6d9", "prod", "ai-analysis")
VERDICT = CanaryVerdict(
    RUN.uid,
    Verdict.ROLLBACK,
    97.0,
    "Compared.",
    "The database refuses connections.",
    "Check the Service.",
    stable_images={"app": "registry.example/shop:1.9"},
    canary_images={"app": "registry.example/shop:2.0"},
)
DEPLOYMENT = "kind: Rollout\nspec:\n  image: registry.example/shop:2.0\n"


@dataclass
class Shop:
    """The server, and what acts on it; tests change both.

    Attributes:
        url: githubUrl of the request.
        branch: baseBranch of the request.
    """

    github: GitHubServer
    settings: ActSettings
    url: str
    branch: str = "main"
    verdict: CanaryVerdict = VERDICT
    stopped: bool = False

    @property
    def git(self) -> Git:
        return git_of(self.github)

    @property
    def issues(self) -> list[dict[str, Any]]:
        return self.github.issues["acme/shop"]

    def allow(self, **settings: Any) -> None:
        """Changes the operator's settings."""
        self.settings = replace(self.settings, **settings)

    def act(self) -> CanaryVerdict:
        """The verdict with its links."""
        request = CanaryRequest(
            run=RUN,
            rollout="shop",
            stable=Selection("role=stable"),
            canary=Selection("role=canary", "7c9b"),
            window=600.0,
            deadline=datetime.now(UTC) + timedelta(minutes=10),
            lease_seconds=180,
            repository=Repository(self.url, self.branch),
            remediation_allowed=True,
        )
        actor = actor_for(self.settings, json.dumps(self.verdict.to_json()))
        return actor(request, lambda: self.stopped)
