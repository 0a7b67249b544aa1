"""The options of `canary-agent serve` that concern GitHub."""

import argparse
from collections.abc import Callable, Mapping, MutableMapping
from importlib.util import find_spec

from canary_agent.models import ModelSettings
from canary_verdict.repositories import AllowedOwners, RepositoryRefused

from ._settings import ActSettings, PullRequests, read_access

SECRETS = ("GITHUB_TOKEN", "GITHUB_APP_KEY_FILE")
"""Variables that no child process gets."""


def _allowed(text: str) -> str:
    try:
        AllowedOwners.parse(text)
    except RepositoryRefused as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for item in text.split(",") if (name := item.strip()))


def _pull_requests(text: str) -> PullRequests:
    try:
        return PullRequests(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"found {text!r}, expected {', '.join(PullRequests)}"
        ) from error


ACT_OPTIONS: dict[str, tuple[Callable[[str], object], str, str]] = {
    "github_allowed": (
        _allowed,
        "OWNERS",
        "hosts and owners that GITHUB_TOKEN may go to, such as github.com/my-org (default: none)",
    ),
    "github_labels": (_names, "NAMES", "of issues, with commas (default canary-failure)"),
    "github_pull_requests": (
        _pull_requests,
        "KIND",
        "draft pull requests: none, rollback (the image, in GitOps manifests), or fix (a model's) (default none)",
    ),
    "github_paths": (
        _names,
        "PATTERNS",
        "files that pull requests may change, such as deploy/*.yaml (default: none)",
    ),
    "github_ca_file": (str, "FILE", "certificates to trust besides the system's, PEM"),
}
"""By the option's name: its type, metavar and help."""


def take_act(
    values: MutableMapping[str, object], environment: Mapping[str, str], models: ModelSettings
) -> ActSettings:
    """Takes the options of `ACT_OPTIONS` out of what was given.

    Raises:
        ValueError: the environment's token or App cannot be used, or a setting lacks another.
    """
    given = {
        name.removeprefix("github_"): values.pop(name) for name in ACT_OPTIONS if name in values
    }
    access = read_access(environment)
    settings = ActSettings(**given, **access, models=models)  # type: ignore[arg-type]  # each was read by its option's type
    if not settings.off and find_spec("githubkit") is None:
        raise ValueError("GITHUB_TOKEN: githubkit is not installed; install canary-agent[github]")
    if settings.pull_requests is not PullRequests.NONE and not settings.paths:
        raise ValueError(
            f"--github-pull-requests {settings.pull_requests}: no file may be changed; set --github-paths, such "
            "as deploy/*.yaml"
        )
    return settings
