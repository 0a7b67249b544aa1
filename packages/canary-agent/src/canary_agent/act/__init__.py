"""What follows a verdict on GitHub: an issue, and a draft pull request where the operator allows one.

A verdict never depends on it. It runs in a child process of its own, after the analysis, and does the same
work twice without doing it double: issues are found by their key, branches and pull requests by the run's name.
This package is light; githubkit is imported in the child.
"""

from ._options import ACT_OPTIONS, SECRETS, take_act
from ._settings import (
    ActSettings,
    PullRequests,
    actor_for,
    concerns,
    modules_of,
    search_link,
)

__all__ = [
    "ACT_OPTIONS",
    "SECRETS",
    "ActSettings",
    "PullRequests",
    "actor_for",
    "concerns",
    "modules_of",
    "search_link",
    "take_act",
]
