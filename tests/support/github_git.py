"""Branches, files and pull requests of the server of tests: GitHub's Git database and pulls."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import github_api
from github_api import Asked, GitHubServer, RefusedError
from github_objects import Json, checked
from githubkit_schemas.latest.models import (
    Blob,
    GitCommit,
    GitRef,
    GitTree,
    ReposOwnerRepoGitCommitsPostBody,
    ReposOwnerRepoGitRefsPostBody,
    ReposOwnerRepoGitTreesPostBody,
    ReposOwnerRepoPullsPostBody,
)

Tree = dict[str, tuple[str, str]]
"""Mode and text, by path."""


@dataclass
class Git:
    """One repository.

    Attributes:
        trees: by hash.
        commits: tree, parents and message, by hash.
        branches: the newest commit of each.
        pulls: as the API has them, the oldest first.
        drafts: whether draft pull requests are allowed.
    """

    trees: dict[str, Tree] = field(default_factory=dict)
    commits: dict[str, Json] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    pulls: list[Json] = field(default_factory=list)
    drafts: bool = True

    def commit(self, branch: str, files: dict[str, str], **modes: str) -> str:
        """A commit on a branch that holds just these files; modes by path."""
        tree = self.add_tree(
            {path: (modes.get(path, "100644"), text) for path, text in files.items()}
        )
        self.branches[branch] = self.add_commit({"tree": tree, "parents": [], "message": "files"})
        return self.branches[branch]

    def files(self, branch: str) -> dict[str, str]:
        """The texts on a branch, by path."""
        tree = self.trees[self.commits[self.branches[branch]]["tree"]]
        return {path: text for path, (_, text) in tree.items()}

    def add_tree(self, tree: Tree) -> str:
        name = _hash(tree)
        self.trees[name] = tree
        return name

    def add_commit(self, commit: Json) -> str:
        name = _hash(commit)
        self.commits[name] = commit
        return name


_GITS: "WeakKeyDictionary[GitHubServer, Git]" = WeakKeyDictionary()


def git_of(server: GitHubServer) -> Git:
    """The Git side of `acme/shop`."""
    return _GITS.setdefault(server, Git())


def _hash(value: object) -> str:
    return hashlib.sha1(json.dumps(value, sort_keys=True).encode()).hexdigest()


def repository(server: GitHubServer, asked: Asked, path: str) -> object:
    if path.lower() not in server.issues:
        raise RefusedError(404, "Not Found")
    return {"full_name": path, "default_branch": "main"}


def read_ref(server: GitHubServer, asked: Asked, path: str, branch: str) -> object:
    commit = git_of(server).branches.get(branch)
    if commit is None:
        raise RefusedError(404, "Not Found")
    return _ref(branch, commit)


def create_ref(server: GitHubServer, asked: Asked, path: str) -> object:
    body = _request(ReposOwnerRepoGitRefsPostBody, asked.body)
    git, branch = git_of(server), body["ref"].removeprefix("refs/heads/")
    if branch in git.branches:
        raise RefusedError(422, "Reference already exists")
    git.branches[branch] = body["sha"]
    return _ref(branch, body["sha"])


def read_commit(server: GitHubServer, asked: Asked, path: str, name: str) -> object:
    return _commit(name, git_of(server).commits[name])


def create_commit(server: GitHubServer, asked: Asked, path: str) -> object:
    body = _request(ReposOwnerRepoGitCommitsPostBody, asked.body)
    return _commit(git_of(server).add_commit(body), body)


def read_tree(server: GitHubServer, asked: Asked, path: str, name: str) -> object:
    return _tree(name, git_of(server).trees[name])


def create_tree(server: GitHubServer, asked: Asked, path: str) -> object:
    body, git = _request(ReposOwnerRepoGitTreesPostBody, asked.body), git_of(server)
    tree = dict(git.trees[body["base_tree"]])
    tree |= {one["path"]: (one["mode"], one["content"]) for one in body["tree"]}
    name = git.add_tree(tree)
    return _tree(name, tree)


def read_blob(server: GitHubServer, asked: Asked, path: str, name: str) -> object:
    for tree in git_of(server).trees.values():
        for _, text in tree.values():
            if _hash(text) == name:
                content = base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()
                return checked(
                    Blob,
                    {
                        "content": content,
                        "encoding": "base64",
                        "url": "https://api.github.com/blob",
                        "sha": name,
                        "size": len(text),
                        "node_id": "B_1",
                    },
                )
    raise RefusedError(404, "Not Found")


def list_pulls(server: GitHubServer, asked: Asked, path: str) -> object:
    wanted = asked.query["head"].partition(":")[2]
    return [pull for pull in git_of(server).pulls if pull["head"]["ref"] == wanted]


def create_pull(server: GitHubServer, asked: Asked, path: str) -> object:
    body, git = _request(ReposOwnerRepoPullsPostBody, asked.body), git_of(server)
    if body["base"] not in git.branches or body["head"] not in git.branches:
        raise RefusedError(422, "Validation Failed")
    if body.get("draft") and not git.drafts:
        raise RefusedError(422, "Draft pull requests are not supported in this repository.")
    if any(pull["head"]["ref"] == body["head"] for pull in git.pulls):
        raise RefusedError(422, "A pull request already exists for acme:branch.")
    number = 100 + len(git.pulls)
    pull = {**body, "number": number, "head": {"ref": body["head"]}, "base": {"ref": body["base"]}}
    git.pulls.append(pull)
    return pull


def _request(model: Any, body: Json) -> Json:
    try:
        return checked(model, body)
    except ValueError as error:
        raise RefusedError(422, f"Validation Failed: {error}") from error


def _ref(branch: str, commit: str) -> Json:
    url = "https://api.github.com/git"
    target = {"type": "commit", "sha": commit, "url": url}
    return checked(
        GitRef, {"ref": f"refs/heads/{branch}", "node_id": "R_1", "url": url, "object": target}
    )


def _commit(name: str, commit: Json) -> Json:
    url = "https://api.github.com/git"
    who = {"date": "2026-01-31T12:00:00Z", "email": "bot@example.com", "name": "bot"}
    document = {
        "sha": name,
        "node_id": "C_1",
        "url": url,
        "html_url": url,
        "author": who,
        "committer": who,
        "message": commit["message"],
        "tree": {"sha": commit["tree"], "url": url},
        "parents": [{"sha": one, "url": url, "html_url": url} for one in commit["parents"]],
        "verification": {
            "verified": False,
            "reason": "unsigned",
            "signature": None,
            "payload": None,
            "verified_at": None,
        },
    }
    return checked(GitCommit, document)


def _tree(name: str, tree: Tree) -> Json:
    entries = [
        {
            "path": path,
            "mode": mode,
            "type": "blob",
            "sha": _hash(text),
            "size": len(text),
            "url": "https://api.github.com/blob",
        }
        for path, (mode, text) in sorted(tree.items())
    ]
    url = "https://api.github.com/tree"
    return checked(GitTree, {"sha": name, "url": url, "truncated": False, "tree": entries})


_REPO = r"/api/v3/repos/([^/]+/[^/]+)"
github_api.ROUTES.update(
    {
        rf"GET {_REPO}": (repository, 200),
        rf"GET {_REPO}/git/ref/heads/(.+)": (read_ref, 200),
        rf"POST {_REPO}/git/refs": (create_ref, 201),
        rf"GET {_REPO}/git/commits/([0-9a-f]+)": (read_commit, 200),
        rf"POST {_REPO}/git/commits": (create_commit, 201),
        rf"GET {_REPO}/git/trees/([0-9a-f]+)": (read_tree, 200),
        rf"POST {_REPO}/git/trees": (create_tree, 201),
        rf"GET {_REPO}/git/blobs/([0-9a-f]+)": (read_blob, 200),
        rf"GET {_REPO}/pulls": (list_pulls, 200),
        rf"POST {_REPO}/pulls": (create_pull, 201),
    }
)
