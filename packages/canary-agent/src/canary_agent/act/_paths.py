"""Which files of a repository may be changed."""

import fnmatch
import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[A-Za-z0-9._@+ -]+(?:/[A-Za-z0-9._@+ -]+)*")
# What runs with rights of its own, says who reviews, or holds secrets; in lower case.
_FOLDERS = frozenset(
    {".github", ".gitlab", ".circleci", ".buildkite", ".husky", ".git", ".ssh", ".aws", ".gnupg"}
)
_NAMES = (
    "codeowners",
    ".git*",
    ".gitlab-ci.yml",
    "jenkinsfile*",
    "azure-pipelines*",
    "bitbucket-pipelines*",
    ".travis.yml",
    ".drone.yml",
    ".env",
    ".env.*",
    "*.env",
    ".npmrc",
    ".pypirc",
    ".netrc",
    ".dockerconfigjson",
    "*secret*",
    "*credential*",
    "*password*",
    "id_rsa*",
    "id_ed25519*",
    "id_ecdsa*",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "*.tfstate*",
)


class PathPolicy:
    """The operator's patterns, and what is refused whatever they say.

    Args:
        allowed: shell patterns of paths, such as `deploy/*.yaml`; `*` matches slashes, too.
    """

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = tuple(allowed)

    @property
    def is_empty(self) -> bool:
        """Whether no file may be changed."""
        return not self._allowed

    def refusal(self, path: str) -> str:
        """Why `path` may not be changed; empty where it may."""
        parts = path.split("/")
        if not _PLAIN.fullmatch(path) or {"", ".", ".."} & set(parts):
            return "no plain path within the repository"
        lowered = [part.lower() for part in parts]
        if _FOLDERS & set(lowered[:-1]) or any(
            fnmatch.fnmatchcase(part, pattern) for part in lowered for pattern in _NAMES
        ):
            return "workflows, owners, settings of Git and what may hold secrets are never changed"
        if not any(fnmatch.fnmatchcase(path, pattern) for pattern in self._allowed):
            return "the operator allows no change there (CANARY_AGENT_GITHUB_PATHS)"
        return ""
