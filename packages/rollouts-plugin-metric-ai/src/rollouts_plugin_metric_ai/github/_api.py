"""The few calls to GitHub's REST API that an issue needs."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, timedelta
from urllib.parse import urlencode

from canary_verdict.issue import names_key
from canary_verdict.repositories import GitHubRepository
from rollouts_plugin_metric_ai.a2a_client import (
    AgentClientError,
    Credentials,
    HttpAnswer,
    HttpClient,
    HttpRequest,
    parse_address,
    snippet,
)

from ._draft import Draft
from ._errors import GitHubError
from ._refusals import refusal

VERSION = "2022-11-28"
"""Of the REST API: the one that GitHub Enterprise Server knows too."""

_PAGE = 50
_PAGES = 3
_CLOCKS_DIFFER = timedelta(minutes=5)


class GitHubApi:
    """Finds and opens issues. The token goes to the API of a draft's own repository and nowhere else."""

    def __init__(
        self,
        http: HttpClient,
        token: str,
        *,
        ca_file: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Opens nothing.

        Args:
            http: follows no redirects.
            token: the operator's.
            ca_file: certificates in PEM to trust besides the system's; may be empty.
            clock: seconds since 1970.
        """
        self._http = http
        self._token = token
        self._ca_file = ca_file
        self._clock = clock

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._http.aclose()

    async def find(self, draft: Draft, deadline: float) -> str:
        """The address of the issue with the draft's key; empty where there is none.

        The list tells of an issue as soon as it is there, the search some time later; so the search is
        asked only where the list is too long. Labels are no help: GitHub drops them where the token may
        not set them.

        Raises:
            GitHubError: GitHub cannot say.
        """
        query = {
            "state": "all",
            "sort": "created",
            "direction": "desc",
            "since": (draft.since - _CLOCKS_DIFFER).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "per_page": str(_PAGE),
        }
        for page in range(1, _PAGES + 1):
            target = f"/repos/{draft.repository.path}/issues?{urlencode(query)}&page={page}"
            issues = await self._list(draft, target, deadline)
            if link := _with_key(issues, draft):
                return link
            if len(issues) < _PAGE:
                return ""
        terms = f"{draft.key} in:body is:issue repo:{draft.repository.path}"
        return _with_key(
            await self._list(draft, f"/search/issues?{urlencode({'q': terms})}", deadline), draft
        )

    async def create(self, draft: Draft, deadline: float, *, extras: bool = True) -> str:
        """Opens the issue and gives its address.

        Args:
            draft: what to open.
            deadline: on the running loop's clock.
            extras: whether to ask for labels and assignees.

        Raises:
            GitHubError: it was refused, or nobody knows whether it was opened (`retry`).
        """
        content: dict[str, object] = {"title": draft.title, "body": draft.body}
        if extras:
            content |= {"labels": list(draft.labels), "assignees": list(draft.assignees)}
        body = json.dumps({name: value for name, value in content.items() if value}).encode()
        target = f"/repos/{draft.repository.path}/issues"
        link = _link(await self._ask("POST", draft, target, deadline, body), draft.repository)
        if not link:
            raise GitHubError("GitHub answered with no issue; it is looked for again", retry=True)
        return link

    async def _list(self, draft: Draft, target: str, deadline: float) -> list[object]:
        answer = await self._ask("GET", draft, target, deadline)
        items = answer.get("items") if isinstance(answer, Mapping) else answer
        if not isinstance(items, list):
            raise GitHubError("GitHub answered with no list of issues", retry=True)
        return items

    async def _ask(
        self, method: str, draft: Draft, target: str, deadline: float, body: bytes | None = None
    ) -> object:
        base = parse_address(draft.repository.api, "githubUrl")
        request = HttpRequest(
            method,
            base.with_target(base.target.rstrip("/") + target),
            {"X-GitHub-Api-Version": VERSION},
            body,
            Credentials(token=self._token, origin=base.origin, ca_file=self._ca_file),
            harmless=method == "GET",
            accept="application/vnd.github+json",
        )
        try:
            answer = await self._http.request(request, deadline)
        except AgentClientError as error:
            raise GitHubError(str(error), retry=True) from error
        document = _decoded(answer)
        if answer.status not in {200, 201}:
            raise refusal(answer, self._said(document), draft.repository, self._clock())
        return document

    def _said(self, document: object) -> str:
        message = document.get("message") if isinstance(document, Mapping) else None
        return snippet(message, (self._token,)) if isinstance(message, str) else ""


def _decoded(answer: HttpAnswer) -> object:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def _with_key(issues: list[object], draft: Draft) -> str:
    for issue in issues:
        # The list has pull requests, too, such as the agent's about the same run.
        if not isinstance(issue, Mapping) or "pull_request" in issue:
            continue
        body = issue.get("body")
        if isinstance(body, str) and names_key(body, draft.key):
            return _link(issue, draft.repository)
    return ""


def _link(issue: object, repository: GitHubRepository) -> str:
    """The page of an issue; made from its number, so that it is on the repository's own site."""
    number = issue.get("number") if isinstance(issue, Mapping) else None
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        return ""
    return f"{repository.url}/issues/{number}"
