"""One issue, whatever GitHub answers."""

import asyncio
import json
import logging
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import github_api
import pytest
from certificates import self_signed, server_context
from github_api import TOKEN
from issue_desk import NOW, Desk, until

ISSUES = "/issues"


async def test_an_issue_is_opened_with_labels_and_assignees(desk: Desk) -> None:
    outcome = await desk.file()
    assert outcome.link == f"{desk.github.url}/acme/shop/issues/1"
    (issue,) = desk.opened()
    assert issue["title"] == desk.draft.title
    assert issue["body"] == desk.draft.body
    assert [label["name"] for label in issue["labels"]] == ["canary-failure"]
    assert [user["login"] for user in issue["assignees"]] == ["octocat"]
    (post,) = desk.github.calls("POST")
    assert post.headers["x-github-api-version"] == "2022-11-28"
    assert post.headers["accept"] == "application/vnd.github+json"
    assert desk.entries() == []


async def test_one_that_is_there_is_found_and_not_opened_again(desk: Desk) -> None:
    desk.github.add("acme/shop", {"title": "another", "body": None})
    desk.github.add("acme/shop", {"title": "by the agent", "body": desk.draft.body})
    assert (await desk.file()).link == f"{desk.github.url}/acme/shop/issues/2"
    assert desk.github.calls("POST") == []
    (get,) = desk.github.calls("GET")
    assert get.query["since"] == "2026-01-31T11:55:00Z"
    assert get.query["state"] == "all"


async def test_asked_twice_at_once_it_opens_one(desk: Desk) -> None:
    filer = desk.filer()
    first, second = await asyncio.gather(filer.file(desk.draft), filer.file(desk.draft))
    assert first == second
    assert len(desk.opened()) == 1


async def test_where_the_list_is_long_the_search_is_asked(desk: Desk) -> None:
    desk.github.add("acme/shop", {"title": "the one", "body": desk.draft.body})
    for number in range(150):
        desk.github.add("acme/shop", {"title": str(number), "body": "another"})
    assert (await desk.file()).link.endswith("/issues/1")
    assert desk.github.calls("GET")[-1].path == "/api/v3/search/issues"


@dataclass(frozen=True)
class Refusal:
    """An answer that will not change, and what is said about it."""

    status: int
    message: str
    said: str


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal(
            401, "Bad credentials", "GitHub does not know the token (Bad credentials); give the"
        ),
        Refusal(
            403,
            "Resource not accessible",
            "the token may not open issues in acme/shop (Resource not accessible); give it the "
            "permission Issues: read and write",
        ),
        Refusal(404, "Not Found", "there is no repository acme/shop, or the token may not see it"),
        Refusal(410, "Issues are disabled", "issues are turned off in acme/shop (Issues are"),
        Refusal(418, "", "GitHub answered 418 for acme/shop, expected 200 or 201; check"),
    ],
    ids=lambda refusal: str(refusal.status),
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_will_not_change_is_given_up_with_a_next_step(
    desk: Desk, method: str, refusal: Refusal
) -> None:
    desk.github.fail(f"{method} .*{ISSUES}", refusal.status, refusal.message)
    outcome = await desk.file(0.0, 0.0)
    assert refusal.said in outcome.problem
    assert not outcome.pending
    assert len(desk.github.calls(method)) == 1
    assert desk.entries() == []


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500, "message": "oops", "times": 2},
        {"status": 502},
        {"status": 503},
        {"hangs_up": True},
        {"raw": b"\x00\xff garbage\r\n\r\n"},
        {"raw": b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[}"},
        {"raw": b"HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n[]"},
        {"raw": b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("works", [False, True], ids=["lost", "done"])
async def test_what_may_pass_is_tried_again_and_makes_one_issue(
    desk: Desk, method: str, fault: dict[str, Any], *, works: bool
) -> None:
    # Where it works, the issue is there although the answer was lost.
    desk.github.fail(f"{method} .*{ISSUES}", **{"times": 1, **fault}, works=works)
    outcome = await desk.file(0.0, 0.0, 0.0)
    assert outcome.pending
    assert outcome.problem
    assert TOKEN not in outcome.problem
    await desk.done()
    assert len(desk.opened()) == 1


async def test_tries_have_an_end(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.github.fail(ISSUES, 500)
    await desk.file(0.0, 0.0)
    await desk.done()
    assert len(desk.github.asked) == 3
    await until(lambda: "given up after 3 tries: GitHub answered 500" in caplog.text)


@dataclass(frozen=True)
class Limit:
    """An answer that asks to be left alone, and for how many seconds it is."""

    status: int
    message: str
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 60.0


@pytest.mark.parametrize(
    "limit",
    [
        Limit(403, "API rate limit exceeded", {"x-ratelimit-remaining": "0"}, 1),
        Limit(403, "", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{NOW + 9:.0f}"}, 10),
        Limit(403, "You have exceeded a secondary rate limit", {"retry-after": "30"}, 30),
        Limit(403, "You have exceeded a secondary rate limit"),
        Limit(429, "", {"retry-after": "7"}, 7),
        Limit(429, "", {"retry-after": "Sat, 31 Jan 2026 12:00:00 GMT"}),
        Limit(503, "", {"retry-after": "9"}, 9),
    ],
)
async def test_a_rate_limit_is_waited_for(desk: Desk, limit: Limit) -> None:
    desk.github.fail(ISSUES, limit.status, limit.message, headers=limit.headers)
    assert (await desk.file(0.5)).pending
    (entry,) = desk.entries()
    assert entry["due"] - NOW == limit.seconds
    assert len(desk.github.asked) == 1


async def test_a_limit_of_more_than_an_hour_is_not_waited_for(desk: Desk) -> None:
    desk.github.fail(ISSUES, 429, headers={"retry-after": "3601"})
    outcome = await desk.file(0.0)
    assert not outcome.pending
    assert "rate limit is used up" in outcome.problem


async def test_labels_that_are_refused_are_left_out(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.github.fail(f"POST .*{ISSUES}", 422, "Validation Failed", times=1)
    assert (await desk.file()).link
    first, second = desk.github.calls("POST")
    assert {"labels", "assignees"} <= set(first.body)
    assert set(second.body) == {"title", "body"}
    assert "check githubLabels and githubAssignees; opening it without them" in caplog.text


async def test_what_is_refused_without_them_too_is_given_up(desk: Desk) -> None:
    desk.github.fail(f"POST .*{ISSUES}", 422, "Validation Failed")
    outcome = await desk.file(0.0)
    assert "GitHub refuses the issue for acme/shop (Validation Failed)" in outcome.problem
    assert len(desk.github.calls("POST")) == 2
    await desk.filer(0.0).file(replace(desk.draft, labels=(), assignees=()))
    assert len(desk.github.calls("POST")) == 3


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(desk: Desk, status: int) -> None:
    with github_api.serving() as foreign:
        elsewhere = {"location": f"{foreign.url}/api/v3/repositories/1"}
        desk.github.fail(ISSUES, status, headers=elsewhere)
        outcome = await desk.file(0.0)
        assert foreign.asked == []
    assert "acme/shop has moved, and redirects are not followed with a token" in outcome.problem


async def test_the_token_is_in_no_log_and_in_no_file(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desk.github.fail(ISSUES, 500, f"you sent {TOKEN}")
    outcome = await desk.file(60.0)
    assert TOKEN not in json.dumps(desk.entries()) + caplog.text + outcome.problem
    assert all(one.headers["authorization"] == f"Bearer {TOKEN}" for one in desk.github.asked)


async def test_a_server_of_the_operator_s_own_is_trusted_by_its_ca(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path / "ghe.pem")
    with github_api.serving(server_context(certificate)) as secure:
        desk = Desk(secure, tmp_path / "journal")
        distrusted = await desk.file(60.0)
        assert "certificate" in distrusted.problem
        assert secure.asked == []
        trusted = await desk.filer(60.0, ca_file=str(certificate)).file(desk.draft)
        assert trusted.link == f"{secure.url}/acme/shop/issues/1"
        await desk.aclose()


async def test_how_many_are_at_work_is_bounded(desk: Desk) -> None:
    held = threading.Event()
    desk.github.fail(ISSUES, held=held)
    filer = desk.filer()
    drafts = [replace(desk.draft, key=f"metricai{number}") for number in range(50)]
    waiting = [asyncio.create_task(filer.file(draft)) for draft in drafts]
    await until(lambda: desk.github.asked)
    assert "50 issues are still to be opened" in (await filer.file(desk.draft)).problem
    held.set()
    await asyncio.gather(*waiting)
    assert len(desk.opened()) == 50
