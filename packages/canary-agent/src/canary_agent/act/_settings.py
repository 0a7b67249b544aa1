"""What an operator says about GitHub, and what follows from it for one verdict."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from canary_agent.models import ModelSettings
from canary_agent.process import Analyser, Cancelled
from canary_verdict import CanaryRequest, CanaryVerdict, ContractError, Verdict, parse_request
from canary_verdict.issue import issue_key
from canary_verdict.repositories import AllowedOwners

MAX_KEY_BYTES = 64 * 1024


class PullRequests(StrEnum):
    """Which draft pull requests are made."""

    NONE = "none"
    ROLLBACK = "rollback"
    FIX = "fix"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActSettings:
    """What the agent may do on GitHub; without a token or an App, nothing.

    Attributes:
        allowed: hosts and owners that may be written to, see `canary_verdict.repositories`.
        labels: of issues.
        pull_requests: see `PullRequests`.
        paths: shell patterns of the files that pull requests may change; none: none.
        ca_file: certificates in PEM to trust besides the system's.
        token: of GitHub; never shown.
        app_id: of a GitHub App, instead of a token.
        app_key: its private key, PEM; never shown.
        models: those that may be asked for a fix.
    """

    allowed: str = ""
    labels: tuple[str, ...] = ("canary-failure",)
    pull_requests: PullRequests = PullRequests.NONE
    paths: tuple[str, ...] = ()
    ca_file: str = ""
    token: str = field(default="", repr=False)
    app_id: str = ""
    app_key: str = field(default="", repr=False)
    models: ModelSettings | None = field(default=None, repr=False)

    @property
    def off(self) -> str:
        """Why nothing is done at all; empty where something is."""
        if not self.token and not (self.app_id and self.app_key):
            return "GITHUB_TOKEN not configured"
        return "" if self.allowed else "CANARY_AGENT_GITHUB_ALLOWED not configured"


def read_access(environment: Mapping[str, str]) -> dict[str, str]:
    """Token, App id and App key of the environment: the fields of `ActSettings`.

    Raises:
        ValueError: a key without its App, or one that cannot be read.
    """
    app_id, key_file = (
        environment.get("GITHUB_APP_ID", ""),
        environment.get("GITHUB_APP_KEY_FILE", ""),
    )
    if bool(app_id) != bool(key_file):
        raise ValueError(
            "GITHUB_APP_ID and GITHUB_APP_KEY_FILE: found one of the two, expected both"
        )
    key = ""
    if key_file:
        try:
            with Path(key_file).open(encoding="ascii") as file:
                key = file.read(MAX_KEY_BYTES)
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"GITHUB_APP_KEY_FILE: {key_file} cannot be read") from error
        if "PRIVATE KEY" not in key:
            raise ValueError(f"GITHUB_APP_KEY_FILE: {key_file}: found no private key in PEM")
    return {"token": environment.get("GITHUB_TOKEN", "").strip(), "app_id": app_id, "app_key": key}


def modules_of(settings: ActSettings) -> tuple[str, ...]:
    """What the children's parent loads once, so that an issue need not wait a second for githubkit."""
    return () if settings.off else ("canary_agent.act._actor",)


def concerns(request: str, verdict: str) -> bool:
    """Whether anything may follow on GitHub, by the question and the answer as JSON texts."""
    asked = json.loads(request or "{}")
    return bool(
        json.loads(verdict).get("verdict") == Verdict.ROLLBACK.value
        and asked.get("remediation", {}).get("allowed")
        and asked.get("repository", {}).get("url")
        and not asked.get("dryRun")
    )


def search_link(settings: ActSettings, request: str) -> str:
    """The page that will list the issue of a question; empty where there will be none."""
    try:
        asked = parse_request(json.loads(request))
        repository = AllowedOwners.parse(settings.allowed).find(asked.repository.url)
    except (ValueError, ContractError):
        return ""
    return repository.search_link(issue_key(asked.run))


def actor_for(settings: ActSettings, verdict: str) -> Analyser:
    """What a child process runs: from a request to the verdict with its links.

    Args:
        settings: the operator's.
        verdict: the answer to the request, as JSON text.
    """
    return functools.partial(_act, settings, verdict)


def _act(
    settings: ActSettings, verdict: str, request: CanaryRequest, cancelled: Cancelled
) -> CanaryVerdict:
    # Imported here: the server, which asks GitHub nothing, does not carry githubkit.
    from ._actor import act  # noqa: PLC0415

    return act(settings, request, verdict, cancelled)
