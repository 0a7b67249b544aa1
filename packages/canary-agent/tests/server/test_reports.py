"""Reports and their list over HTTP: from what is kept, for whoever has the token, and kept by nobody."""

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from canary_agent.report import CONTENT_SECURITY_POLICY
from canary_agent.server import AppSettings, Waiting, build_app
from canary_agent.store import AnalysisEngine, TaskState
from canary_agent.store.records import Outcome

TOKEN = "correct-horse-battery-staple"


def basic(password: str, user: str = "anybody") -> dict[str, str]:
    encoded = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {encoded}"}


async def _judged(talk: Any, question: Callable[..., dict[str, Any]], **fields: Any) -> str:
    task = await talk.ask(question(**fields))
    return str((await talk.reach(task["id"], "COMPLETED"))["id"])


async def test_a_verdict_names_its_report_and_that_shows_it(
    talk: Any, http: httpx.AsyncClient, question: Callable[..., dict[str, Any]]
) -> None:
    asked = question(stable={"selector": "tier=gold"})
    task = await talk.reach((await talk.ask(asked))["id"], "COMPLETED")
    data, text = task["artifacts"][0]["parts"]
    link = data["data"]["reportLink"]
    assert link == f"http://agent.test:8080/reports/{task['id']}"
    assert json.loads(text["text"]) == {**data["data"], "confidence": 90.0}
    page = await http.get(link)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Promote" in page.text
    assert "tier=gold" in page.text
    assert asked["run"]["uid"] in page.text


async def test_a_page_may_do_nothing_and_is_kept_by_nobody(
    talk: Any, http: httpx.AsyncClient, question: Callable[..., dict[str, Any]]
) -> None:
    task_id = await _judged(talk, question)
    for path in ("/reports", f"/reports/{task_id}", "/reports/none"):
        headers = (await http.get(path)).headers
        assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in headers
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY


async def test_a_public_url_is_the_reports_origin(
    engine: AnalysisEngine, waiting: Waiting, talk: Any, question: Callable[..., dict[str, Any]]
) -> None:
    task_id = await _judged(talk, question)
    app = build_app(engine, waiting, AppSettings(public_url="https://agent.example"))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://10.0.0.1"
    ) as client:
        talk.http = client
        task = await talk.get(task_id)
    link = task["artifacts"][0]["parts"][0]["data"]["reportLink"]
    assert link == f"https://agent.example/reports/{task_id}"


async def test_a_client_that_names_no_host_gets_no_link(
    talk: Any, question: Callable[..., dict[str, Any]]
) -> None:
    task_id = await _judged(talk, question)
    talk.headers["Host"] = 'x"><script>'
    task = await talk.get(task_id)
    assert "reportLink" not in task["artifacts"][0]["parts"][0]["data"]


async def test_the_list_is_newest_first_and_filtered(
    talk: Any, http: httpx.AsyncClient, question: Callable[..., dict[str, Any]]
) -> None:
    first = await _judged(talk, question, rollout={"name": "list-a"}, words="")
    second = await _judged(talk, question, rollout={"name": "list-b"}, words="inconclusive")
    page = (await http.get("/reports")).text
    assert page.index(second) < page.index(first)

    async def listed(query: str) -> set[str]:
        return set(re.findall(r'href="/reports/([0-9a-f-]+)"', (await http.get(query)).text))

    assert await listed("/reports?rollout=list-a") == {first}
    assert await listed("/reports?rollout=list-b&verdict=inconclusive") == {second}
    assert await listed("/reports?rollout=list-b&verdict=promote") == set()
    assert {first, second} <= await listed("/reports?namespace=shop")
    assert await listed("/reports?namespace=elsewhere") == set()
    assert await listed("/reports?rollout=x%00y") == set()


async def test_the_list_has_pages(
    talk: Any,
    http: httpx.AsyncClient,
    question: Callable[..., dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("canary_agent.server.reports.PAGE_ROWS", 2)
    made = [await _judged(talk, question, rollout={"name": "paged"}) for _ in range(5)]
    seen: list[str] = []
    address, turns = "/reports?rollout=paged", 0
    while address:
        page = (await http.get(address)).text
        seen += re.findall(r'href="/reports/([0-9a-f-]+)"', page)
        older = re.search(r'href="([^"]+)" rel="next"', page)
        address = older[1].replace("&amp;", "&") if older else ""
        turns += 1
    assert seen == made[::-1]
    assert turns == 3
    assert "Newest" in page


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/reports/none", 404, "No such report"),
        ("/reports/..%2F..%2Fetc", 404, None),
        ("/reports/%00", 404, "No such report"),
        ("/reports?after=nonsense", 400, "No such page"),
    ],
)
async def test_what_is_not_there_is_told_in_words(
    http: httpx.AsyncClient, path: str, status: int, words: str | None
) -> None:
    answer = await http.get(path)
    assert answer.status_code == status
    assert words is None or words in answer.text


async def test_an_analysis_under_way_has_a_page_that_says_so(
    talk: Any, http: httpx.AsyncClient, gates: Any, question: Callable[..., dict[str, Any]]
) -> None:
    asked = question("wait")
    task = await talk.ask(asked)
    await talk.reach(task["id"], "WORKING")
    page = (await http.get(f"/reports/{task['id']}")).text
    assert "shop / shop is being analysed" in page
    gates.open(asked)
    await talk.reach(task["id"])
    page = (await http.get(f"/reports/{task['id']}")).text
    assert "Promote" in page


async def test_an_analysis_that_failed_has_a_page_that_says_why(
    talk: Any, http: httpx.AsyncClient, question: Callable[..., dict[str, Any]]
) -> None:
    task = await talk.ask(question("raise"))
    await talk.reach(task["id"], "FAILED")
    page = (await http.get(f"/reports/{task['id']}")).text
    assert "has no verdict" in page
    assert "no such log" in page
    assert "\x1b" not in page


async def test_a_verdict_of_another_version_is_told_of(
    engine: AnalysisEngine,
    talk: Any,
    http: httpx.AsyncClient,
    gates: Any,
    question: Callable[..., dict[str, Any]],
) -> None:
    asked = question("wait")
    task = await talk.ask(asked)
    await talk.reach(task["id"], "WORKING")
    newer = json.dumps({"schemaVersion": "2", "runUid": asked["run"]["uid"], "verdict": "promote"})
    engine.tasks.finish(task["id"], Outcome(TaskState.COMPLETED, verdict=newer))
    gates.open(asked)
    answer = await http.get(f"/reports/{task['id']}")
    assert answer.status_code == 500
    assert "Another version of the agent has kept it" in answer.text
    assert (await http.get("/reports")).status_code == 200


async def test_looking_renews_no_lease(
    engine: AnalysisEngine,
    talk: Any,
    http: httpx.AsyncClient,
    gates: Any,
    question: Callable[..., dict[str, Any]],
) -> None:
    asked = question("wait", leaseSeconds=10)
    task = await talk.ask(asked)
    before = engine.tasks.get(task["id"])
    await http.get(f"/reports/{task['id']}")
    await http.get("/reports")
    after = engine.tasks.get(task["id"])
    assert before is not None
    assert after is not None
    assert after.lease_until == before.lease_until
    gates.open(asked)
    await talk.reach(task["id"])


async def test_what_was_attached_is_not_kept(
    engine: AnalysisEngine, talk: Any, question: Callable[..., dict[str, Any]]
) -> None:
    log = {"side": "canary", "pod": "p", "container": "c", "text": "very private"}
    task_id = await _judged(talk, question, attachedLogs=[log])
    record = engine.tasks.get(task_id)
    assert record is not None
    assert "very private" not in repr(record)
    assert json.loads(record.asked)["rollout"] == {"name": "shop"}


@pytest.fixture
def guarded(engine: AnalysisEngine, waiting: Waiting) -> httpx.AsyncClient:
    app = build_app(engine, waiting, AppSettings(token=TOKEN))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://agent.test")


@pytest.mark.parametrize(
    "headers",
    [{"Authorization": f"Bearer {TOKEN}"}, basic(TOKEN), basic(TOKEN, ""), basic(TOKEN, "a b")],
)
async def test_the_token_opens_the_pages(
    guarded: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    async with guarded as client:
        assert (await client.get("/reports", headers=headers)).status_code == 200
        assert (await client.get("/reports/none", headers=headers)).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("wrong"),
        basic(""),
        basic(f"{TOKEN}x"),
        {"Authorization": "Basic"},
        {"Authorization": "Basic !!!"},
        {"Authorization": f"Basic {base64.b64encode(TOKEN.encode()).decode()}"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": "Bearer wrong"},
    ],
)
async def test_nothing_else_does_and_a_browser_is_asked_for_it(
    guarded: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    async with guarded as client:
        for path in ("/reports", "/reports/none", f"/reports?token={TOKEN}"):
            answer = await client.get(path, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Basic realm=")
            assert "The token is asked for" in answer.text
            assert TOKEN not in answer.text


async def test_a_password_opens_pages_only(guarded: httpx.AsyncClient) -> None:
    """A browser sends it to whatever another site's page has it call."""
    async with guarded as client:
        for method, path in (
            ("POST", "/"),
            ("POST", "/a2a/analyze"),
            ("GET", "/v1/tasks"),
            ("POST", "/reports"),
            ("GET", "/reportsx"),
        ):
            answer = await client.request(method, path, headers=basic(TOKEN), json={})
            assert answer.status_code == 401, path
