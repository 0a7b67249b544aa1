"""A draft pull request on a branch of its own, one for one run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from canary_verdict.issue import issue_key, neutral
from canary_verdict.request import Run

from ._client import Client
from ._errors import ActError
from ._tree import Base

_UNFIT = re.compile(r"[^A-Za-z0-9._-]+|\.{2,}|\.lock$|^[.-]|\.$")


@dataclass(frozen=True, slots=True)
class Change:
    """What a pull request changes and says.

    Attributes:
        title: one line.
        body: Markdown, safe to show.
        files: new texts, by path.
    """

    title: str
    body: str
    files: Mapping[str, str]


def branch_of(run: Run) -> str:
    """`metric-ai/<run>-<key>`: names of runs come back, keys do not."""
    name = _UNFIT.sub("-", run.name)[:150] or "run"
    return f"metric-ai/{name}-{issue_key(run)[-8:]}"


def find_pull(client: Client, run: Run) -> str:
    """The page of the run's pull request, open or closed; empty where there is none.

    Raises:
        ActError: GitHub cannot say.
    """
    head = f"{client.repository.owner}:{branch_of(run)}"
    found = client.get("pulls", head=head, state="all", per_page=1)
    return _link(client, found[0]) if found else ""


def open_pull(client: Client, run: Run, base: Base, change: Change) -> str:
    """The page of a new draft pull request.

    A branch that an earlier try has left is used as it is: it holds one commit of ours.

    Raises:
        ActError: GitHub refuses.
    """
    branch = branch_of(run)
    try:
        client.get(f"git/ref/heads/{branch}")
    except ActError as error:
        if error.status != 404:
            raise
        _push(client, base, branch, change)
    try:
        pull = client.post(
            "pulls",
            {
                "title": neutral(change.title, 250),
                "body": change.body,
                "head": branch,
                "base": base.branch,
                "draft": True,
            },
        )
    except ActError as error:
        if error.status != 422:
            raise
        if link := find_pull(client, run):
            return link  # opened by a try whose answer was lost
        raise ActError(
            f"{error}; drafts must be allowed there, and {base.branch!a} be a branch"
        ) from error
    return _link(client, pull)


def _push(client: Client, base: Base, branch: str, change: Change) -> None:
    tree = client.post(
        "git/trees",
        {
            "base_tree": base.tree,
            "tree": [
                {"path": path, "mode": "100644", "type": "blob", "content": text}
                for path, text in change.files.items()
            ],
        },
    )["sha"]
    commit = client.post(
        "git/commits",
        {"message": neutral(change.title, 250), "tree": tree, "parents": [base.commit]},
    )["sha"]
    try:
        client.post("git/refs", {"ref": f"refs/heads/{branch}", "sha": commit})
    except ActError as error:
        if error.status != 422:  # made by another try meanwhile
            raise


def _link(client: Client, pull: object) -> str:
    number = pull.get("number") if isinstance(pull, dict) else None
    if not isinstance(number, int):
        raise ActError("GitHub answered with no pull request; it is looked for again", retry=True)
    return f"{client.repository.url}/pull/{number}"
