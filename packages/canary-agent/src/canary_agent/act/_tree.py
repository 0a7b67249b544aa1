"""The files of a repository's base branch that may be changed."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ._client import Client
from ._errors import ActError
from ._patch import MAX_FILE_BYTES

_REGULAR = "100644"
_MAX_READ = 40


@dataclass(frozen=True, slots=True)
class Base:
    """A branch as it was when it was looked at.

    Attributes:
        branch: its name.
        commit: its newest commit.
        tree: that commit's tree.
        blobs: the hash of each regular file that is neither executable nor a link, by path.
    """

    branch: str
    commit: str
    tree: str
    blobs: dict[str, str] = field(repr=False)


def look_at(client: Client, branch: str) -> Base:
    """The base branch; the repository's default one where none is named.

    Raises:
        ActError: it is not there, or GitHub refuses.
    """
    name = branch or client.get("")["default_branch"]
    try:
        commit = client.get(f"git/ref/heads/{name}")["object"]["sha"]
    except ActError as error:
        if error.status not in {404, 409}:
            raise
        raise ActError(
            f"there is no branch {name[:100]!a} in {client.repository.path}; check baseBranch"
        ) from error
    tree = client.get(f"git/commits/{commit}")["tree"]["sha"]
    listed = client.get(f"git/trees/{tree}", recursive=1)
    if listed.get("truncated"):
        raise ActError(
            f"{client.repository.path} has too many files to be listed; no pull request is made there"
        )
    blobs = {
        one["path"]: one["sha"]
        for one in listed["tree"]
        if one["type"] == "blob"
        and one["mode"] == _REGULAR
        and one.get("size", 0) <= MAX_FILE_BYTES
    }
    return Base(name, commit, tree, blobs)


def read_files(client: Client, base: Base, wanted: Callable[[str], bool]) -> dict[str, str]:
    """The text of at most 40 files whose paths are wanted; what is no text is left out.

    Raises:
        ActError: there are more, or GitHub refuses.
    """
    paths = [path for path in sorted(base.blobs) if wanted(path)]
    if len(paths) > _MAX_READ:
        raise ActError(
            f"{len(paths)} files may be changed, expected at most {_MAX_READ}; narrow "
            "CANARY_AGENT_GITHUB_PATHS"
        )
    texts = {path: _text(client.get(f"git/blobs/{base.blobs[path]}")) for path in paths}
    return {path: text for path, text in texts.items() if text is not None}


def _text(blob: Any) -> str | None:  # noqa: ANN401 - JSON
    try:
        return base64.b64decode(blob["content"]).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, KeyError, TypeError):
        return None
