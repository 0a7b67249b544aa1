"""The issue of a rolled back canary: found by its key, or opened."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from canary_verdict.issue import Incident, issue_body, issue_key, issue_title, names_key

from ._client import Client
from ._errors import ActError

_PAGE = 50
_PAGES = 3
_CLOCKS_DIFFER = timedelta(minutes=5)


def file_issue(
    client: Client, incident: Incident, labels: Sequence[str], since: datetime, author: str
) -> str:
    """The issue's page, opened where there was none.

    Args:
        client: of the repository.
        incident: what it tells of.
        labels: that it gets, where GitHub takes them.
        since: no issue about it is older, in UTC.
        author: the program, and its version.

    Raises:
        ActError: it could not be opened.
    """
    key = issue_key(incident.run)
    if link := _find(client, key, since):
        return link
    content: dict[str, object] = {
        "title": issue_title(incident),
        "body": issue_body(incident, author),
    }
    try:
        issue = client.post("issues", {**content, "labels": list(labels)})
    except ActError as error:
        if error.status != 422 or not labels:
            raise
        issue = client.post("issues", content)
    return _link(client, issue)


def _find(client: Client, key: str, since: datetime) -> str:
    # The list knows an issue at once, the search later; labels may have been dropped.
    query: dict[str, str | int] = {
        "state": "all",
        "sort": "created",
        "direction": "desc",
        "since": (since - _CLOCKS_DIFFER).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "per_page": _PAGE,
    }
    for page in range(1, _PAGES + 1):
        issues = client.get("issues", **query, page=page)
        if link := _with_key(client, issues, key):
            return link
        if len(issues) < _PAGE:
            return ""
    return _with_key(client, client.search(f"{key} in:body is:issue"), key)


def _with_key(client: Client, issues: list[Any], key: str) -> str:
    ours = (one for one in issues if "pull_request" not in one and names_key(one.get("body"), key))
    return next((_link(client, one) for one in ours), "")


def _link(client: Client, issue: Any) -> str:  # noqa: ANN401 - JSON
    number = issue.get("number") if isinstance(issue, dict) else None
    if not isinstance(number, int):
        raise ActError("GitHub answered with no issue; it is looked for again", retry=True)
    return f"{client.repository.url}/issues/{number}"
