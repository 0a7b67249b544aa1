"""Objects as GitHub's REST API has them, held to the models of its published description."""

import json
from typing import Any

from githubkit_schemas.latest.models import (
    BasicError,
    InstallationToken,
    Issue,
    ReposOwnerRepoIssuesPostBody,
    SearchIssuesGetResponse200,
)
from pydantic import BaseModel

Json = dict[str, Any]
_MOMENT = "2026-01-31T12:00:00Z"


def checked(model: type[BaseModel], document: Json) -> Json:
    """The same document, which the published description allows."""
    model.model_validate_json(json.dumps(document))
    return document


def issue_request(document: Json) -> Json:
    """The body of a request for a new issue; names that the API does not know are refused here."""
    unknown = set(document) - {
        field.alias or name for name, field in ReposOwnerRepoIssuesPostBody.model_fields.items()
    }
    if unknown:
        raise ValueError(f"found {sorted(unknown)}, which the API does not know")
    return checked(ReposOwnerRepoIssuesPostBody, document)


def user(login: str) -> Json:
    api = f"https://api.github.com/users/{login}"
    return {
        "login": login,
        "id": 1,
        "node_id": "U_1",
        "avatar_url": f"{api}/avatar",
        "gravatar_id": "",
        "url": api,
        "html_url": f"https://github.com/{login}",
        "type": "User",
        "site_admin": False,
        **{
            f"{name}_url": f"{api}/{name}"
            for name in (
                "followers",
                "following",
                "gists",
                "starred",
                "subscriptions",
                "organizations",
                "repos",
                "events",
                "received_events",
            )
        },
    }


def issue(api: str, page: str, number: int, content: Json) -> Json:
    """An open issue of the repository whose API and page addresses are given."""
    url = f"{api}/issues/{number}"
    document = {
        "id": 1000 + number,
        "node_id": f"I_{number}",
        "url": url,
        "repository_url": api,
        **{f"{name}_url": f"{url}/{name}" for name in ("labels", "comments", "events")},
        "html_url": f"{page}/issues/{number}",
        "number": number,
        "state": "open",
        "title": content["title"],
        "body": content.get("body"),
        "user": user("metric-ai[bot]"),
        "labels": [_label(name) for name in content.get("labels", [])],
        "assignees": [user(login) for login in content.get("assignees", [])],
        "assignee": None,
        "milestone": None,
        "locked": False,
        "comments": 0,
        "closed_at": None,
        "created_at": _MOMENT,
        "updated_at": _MOMENT,
        "author_association": "MEMBER",
    }
    return checked(Issue, document)


def found_issues(issues: list[Json]) -> Json:
    """The answer of the search."""
    document = {
        "total_count": len(issues),
        "incomplete_results": False,
        "items": [{**one, "score": 1.0} for one in issues],
        "search_type": "lexical",
    }
    return checked(SearchIssuesGetResponse200, document)


def installation_token(token: str) -> Json:
    """The answer to an App that asks for a token."""
    document = {"token": token, "expires_at": "2099-01-31T12:00:00Z"}
    return checked(InstallationToken, document)


def error(status: int, message: str) -> Json:
    """The body of an error."""
    return checked(
        BasicError,
        {
            "message": message,
            "documentation_url": "https://docs.github.com/rest",
            "status": str(status),
        },
    )


def _label(name: str) -> Json:
    return {
        "id": 1,
        "node_id": "L_1",
        "url": "https://api.github.com/label",
        "name": name,
        "description": None,
        "color": "ededed",
        "default": False,
    }
