"""POST /a2a/analyze, in this process: what is read, what is answered, who joins whom."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from canary_agent.server.older_dialect import answer, read_question
from canary_agent.store import AnalysisEngine
from canary_verdict import CanaryVerdict, ContractError, ModelResult, Verdict

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
FIELDS = [
    "analysis",
    "rootCause",
    "remediation",
    "prLink",
    "promote",
    "confidence",
    "modelResults",
    "votingRationale",
]


def body(name: str = "shop", words: str = "", **context: object) -> dict[str, Any]:
    return {
        "userId": "argo-rollouts",
        "memoryId": f"rollout:prod/{name}",
        "prompt": "Judge the canary.",
        "context": {
            "namespace": "prod",
            "rolloutName": name,
            "stableSelector": "role=stable",
            "canarySelector": "role=canary",
            "extraPrompt": words,
            "repoUrl": "",
            "baseBranch": "",
            **context,
        },
    }


def with_request(asked: dict[str, Any], **fields: object) -> dict[str, Any]:
    """The body with a canary request in its prompt that asks the same."""
    context = asked["context"]
    request = {
        "run": {"uid": "run-1", "namespace": context["namespace"]},
        "rollout": {"name": context["rolloutName"]},
        "stable": {"selector": context["stableSelector"]},
        "canary": {"selector": context["canarySelector"], "podTemplateHash": "abc"},
        "extraPrompt": context["extraPrompt"],
        "deadline": "2026-01-31T12:05:00Z",
        "leaseSeconds": 90,
        "policy": {"minLines": 7},
        **fields,
    }
    return {**asked, "prompt": f"Judge.\n```json\n{json.dumps(request)}\n```\n"}


def test_what_the_dialect_does_not_say_has_defaults() -> None:
    question = read_question(body(), NOW)
    request = question.request
    assert request.run.namespace == "prod"
    assert request.run.uid == question.context_id
    assert request.deadline == NOW + timedelta(minutes=10)
    assert request.lease_seconds == 60
    assert request.canary.pod_template_hash == ""
    assert not request.remediation_allowed


def test_selectors_have_the_plugins_defaults() -> None:
    asked = body(stableSelector=None, canarySelector="")
    request = read_question(asked, NOW).request
    assert (request.stable.selector, request.canary.selector) == ("role=stable", "role=canary")


def test_a_request_in_the_prompt_says_the_rest() -> None:
    request = read_question(with_request(body()), NOW).request
    assert request.run.uid == "run-1"
    assert request.canary.pod_template_hash == "abc"
    assert request.deadline == NOW + timedelta(minutes=5)
    assert request.lease_seconds == 90
    assert request.policy.min_lines == 7


@pytest.mark.parametrize(
    "change",
    [
        {"stable": {"selector": "role=other"}},
        {"run": {"uid": "run-1", "namespace": "elsewhere"}},
        {"rollout": {"name": "other"}},
        {"extraPrompt": "promote it"},
        {"repository": {"url": "https://github.com/acme/other"}},
        {"deadline": "tomorrow"},
    ],
)
def test_a_request_in_the_prompt_that_asks_something_else_is_prose(change: dict[str, Any]) -> None:
    request = read_question(with_request(body(), **change), NOW).request
    assert request == read_question(body(), NOW).request


def test_two_requests_in_the_prompt_are_prose() -> None:
    asked = with_request(body())
    asked["prompt"] *= 2
    assert read_question(asked, NOW).request.run.uid != "run-1"


def test_the_same_question_has_the_same_context() -> None:
    asked = with_request(body())
    first = read_question(asked, NOW).context_id
    later = with_request(body(), deadline="2026-01-31T13:00:00Z")
    assert read_question(later, NOW + timedelta(hours=1)).context_id == first
    for other in (
        body(),
        body(words="else"),
        {**asked, "memoryId": "rollout:prod/other"},
        with_request(body(), run={"uid": "run-2", "namespace": "prod"}),
        with_request(body(), policy={"minLines": 8}),
    ):
        assert read_question(other, NOW).context_id != first


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ([], "document: found no JSON object"),
        ({}, "context: found no object"),
        ({"context": {}}, "context.namespace: found nothing, expected some text"),
        (body(namespace=7), "context.namespace"),
        (body(canarySelector="x" * 5000), "context.canarySelector: found 5000 characters"),
        (body(repoUrl=["a"]), "context.repoUrl"),
        ({**body(), "memoryId": 5}, "memoryId: found 5, expected a string"),
        ({**body(), "memoryId": "m" * 2000}, "memoryId: found 2000 characters"),
        ({**body(), "prompt": {}}, "prompt: found {}, expected a string"),
    ],
)
def test_what_is_wrong_is_named(document: object, named: str) -> None:
    with pytest.raises(ContractError) as raised:
        read_question(document, NOW)
    assert named in str(raised.value)


def _verdict(verdict: Verdict, confidence: float, **fields: Any) -> dict[str, object]:
    return CanaryVerdict("run-1", verdict, confidence, analysis="so it is", **fields).to_json()


def test_the_answer_has_the_dialects_fields() -> None:
    vote = ModelResult("m", promote=True, confidence=80, execution_time_ms=1200)
    document = answer(_verdict(Verdict.PROMOTE, 92.5, model_results=(vote,)))
    assert list(document) == FIELDS
    assert (document["promote"], document["confidence"]) == (True, 92.5)
    assert document["prLink"] is None
    assert document["modelResults"] == [vote.to_json()]


def test_a_rollback_is_not_promoted() -> None:
    document = answer(_verdict(Verdict.ROLLBACK, 99, pr_link="https://github.com/a/b/pull/1"))
    assert (document["promote"], document["confidence"]) == (False, 99)
    assert document["prLink"] == "https://github.com/a/b/pull/1"
    assert document["analysis"] == "so it is"


@pytest.mark.parametrize(("confidence", "shown"), [(0.0, 1.0), (30.0, 30.0), (97.0, 49.0)])
def test_an_inconclusive_verdict_promotes_nothing(confidence: float, shown: float) -> None:
    document = answer(_verdict(Verdict.INCONCLUSIVE, confidence))
    assert (document["promote"], document["confidence"]) == (False, shown)
    assert document["analysis"] == "inconclusive: so it is"


async def test_it_answers_when_the_verdict_is_there(http: httpx.AsyncClient) -> None:
    answered = await http.post("/a2a/analyze", json=body("plain"))
    assert answered.status_code == 200
    assert list(answered.json()) == FIELDS
    assert answered.json()["promote"] is True


async def test_the_same_question_joins_the_open_analysis(
    http: httpx.AsyncClient, gates: Any, until: Callable[..., Any], engine: AnalysisEngine
) -> None:
    asked = body("joined", "wait")
    uid = read_question(asked, NOW).context_id
    calls = [asyncio.ensure_future(http.post("/a2a/analyze", json=asked)) for _ in range(20)]
    await until(lambda: gates.starts({"run": {"uid": uid}}))
    calls.append(asyncio.ensure_future(http.post("/a2a/analyze", json=asked)))
    gates.open({"run": {"uid": uid}})
    assert {answered.status_code for answered in await asyncio.gather(*calls)} == {200}
    assert len(gates.starts({"run": {"uid": uid}})) == 1
    assert (await http.post("/a2a/analyze", json=asked)).status_code == 200
    assert len(gates.starts({"run": {"uid": uid}})) == 2  # the first was over
    assert (await http.post("/a2a/analyze", json=asked)).status_code == 200
    assert len(gates.starts({"run": {"uid": uid}})) == 3


async def test_a_task_that_a_jumping_clock_hid_is_not_answered_again(
    http: httpx.AsyncClient, engine: AnalysisEngine, monkeypatch: pytest.MonkeyPatch, gates: Any
) -> None:
    asked = body("hidden")
    uid = read_question(asked, NOW).context_id
    await http.post("/a2a/analyze", json=asked)
    monkeypatch.setattr(engine.tasks, "last_of", lambda _context: None)
    assert (await http.post("/a2a/analyze", json=asked)).status_code == 200
    assert len(gates.starts({"run": {"uid": uid}})) == 2


@pytest.mark.parametrize(
    ("content", "status", "named"),
    [
        (b"{", 400, "no question: document: found no JSON"),
        (b"\xff", 400, "found no JSON"),
        (b"[" * 100_000, 400, "found no JSON"),
        (b"{}", 400, "context: found no object"),
        (json.dumps(body("raises", "raise")).encode(), 500, "the analysis failed: ValueError"),
    ],
)
async def test_failures_are_http_errors(
    http: httpx.AsyncClient, content: bytes, status: int, named: str
) -> None:
    answered = await http.post("/a2a/analyze", content=content)
    assert answered.status_code == status
    assert answered.json()["error"]["code"] == status
    assert named in answered.json()["error"]["message"]


async def test_a_deadline_that_passes_is_a_timeout(http: httpx.AsyncClient) -> None:
    answered = await http.post("/a2a/analyze", json=with_request(body("late", "wait")))
    assert answered.status_code == 504
    assert "deadline passed" in answered.json()["error"]["message"]


async def test_a_canceled_analysis_is_a_conflict(
    http: httpx.AsyncClient, talk: Any, gates: Any, until: Callable[..., Any], engine: Any
) -> None:
    asked = body("canceled", "wait")
    uid = read_question(asked, NOW).context_id
    call = asyncio.ensure_future(http.post("/a2a/analyze", json=asked))
    await until(lambda: gates.starts({"run": {"uid": uid}}))
    listed = (await talk.call("ListTasks", {"contextId": uid}))["result"]["tasks"]
    await talk.call("CancelTask", {"id": listed[0]["id"]})
    answered = await call
    assert answered.status_code == 409
    assert "canceled by the client" in answered.json()["error"]["message"]


async def test_a_draining_agent_says_to_come_again(
    http: httpx.AsyncClient, waiting: Any, gates: Any, until: Callable[..., Any]
) -> None:
    asked = body("drained", "wait")
    uid = read_question(asked, NOW).context_id
    call = asyncio.ensure_future(http.post("/a2a/analyze", json=asked))
    await until(lambda: gates.starts({"run": {"uid": uid}}))
    waiting.release()
    answered = await call
    assert answered.status_code == 503
    assert answered.headers["Retry-After"] == "5"
    gates.open({"run": {"uid": uid}})


async def test_what_goes_wrong_inside_stays_inside(
    http: httpx.AsyncClient, engine: AnalysisEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_new: object) -> None:
        raise OSError("disk /secret is full")

    monkeypatch.setattr(engine, "submit", fail)
    answered = await http.post("/a2a/analyze", json=body("broken"))
    assert answered.status_code == 500
    assert "secret" not in answered.text
