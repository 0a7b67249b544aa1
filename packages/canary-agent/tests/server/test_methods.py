"""The A2A methods over JSON-RPC 1.0, in this process."""

import asyncio
import json
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from canary_agent.server import AppSettings, Waiting, build_app
from canary_agent.store import AnalysisEngine
from canary_verdict import VERDICT_MEDIA_TYPE, parse_verdict

Question = Callable[..., dict[str, Any]]

TASK_NOT_FOUND, NOT_CANCELABLE, NO_PUSH, UNSUPPORTED = -32001, -32002, -32003, -32004
INVALID_PARAMS, METHOD_NOT_FOUND, INTERNAL, VERSION = -32602, -32601, -32603, -32009


async def _error(talk: Any, method: str, params: dict[str, Any]) -> dict[str, Any]:
    answer = await talk.call(method, params)
    error: dict[str, Any] = answer["error"]
    return error


def _message(parts: list[dict[str, Any]], **fields: object) -> dict[str, Any]:
    message = {"messageId": str(uuid.uuid4()), "role": "ROLE_USER", "parts": parts, **fields}
    return {"message": message, "configuration": {"returnImmediately": True}}


async def test_the_verdict_comes_as_data_and_as_text(talk: Any, question: Question) -> None:
    asked = question()
    task = await talk.ask(asked, contextId="one")
    assert task["contextId"] == "one"
    done = await talk.reach(task["id"], "COMPLETED")
    (artifact,) = done["artifacts"]
    assert artifact["name"] == "canary-verdict"
    data, text = artifact["parts"]
    assert data["mediaType"] == VERDICT_MEDIA_TYPE
    from_data = parse_verdict(data["data"], asked["run"]["uid"])
    assert from_data == parse_verdict(json.loads(text["text"]), asked["run"]["uid"])
    assert from_data.confidence == 90


async def test_a_message_without_context_gets_one(talk: Any, question: Question) -> None:
    assert uuid.UUID((await talk.ask(question()))["contextId"])


async def test_returning_at_once_finds_it_submitted(talk: Any, question: Question) -> None:
    task = await talk.ask(question("wait"))
    assert task["status"]["state"] == "TASK_STATE_SUBMITTED"
    assert task["status"]["timestamp"]
    await talk.call("CancelTask", {"id": task["id"]})


async def test_a_blocking_send_waits_for_the_end(
    engine: AnalysisEngine, question: Question
) -> None:
    params = _message([{"text": json.dumps(question())}])
    params.pop("configuration")
    answer = await _send(engine, Waiting(engine), params)
    assert answer["status"]["state"] == "TASK_STATE_COMPLETED"


async def _send(engine: AnalysisEngine, waiting: Waiting, params: dict[str, Any]) -> dict[str, Any]:
    """As `Talk.call`, to an agent that waits longer."""
    app = build_app(engine, waiting, AppSettings(longest_wait=60))
    body = {"jsonrpc": "2.0", "id": 1, "method": "SendMessage", "params": params}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://agent.test") as http:
        answer = await http.post("/", json=body, headers={"A2A-Version": "1.0"})
    task: dict[str, Any] = answer.json()["result"]["task"]
    return task


async def test_a_blocking_send_gives_up_with_the_task_as_it_stands(
    talk: Any, question: Question
) -> None:
    params = _message([{"text": json.dumps(question("wait"))}])
    params.pop("configuration")
    task = (await talk.call("SendMessage", params))["result"]["task"]
    assert task["status"]["state"] in ("TASK_STATE_SUBMITTED", "TASK_STATE_WORKING")
    await talk.call("CancelTask", {"id": task["id"]})


async def test_a_draining_agent_lets_nobody_wait(
    engine: AnalysisEngine, question: Question, gates: Any, until: Any
) -> None:
    patient = Waiting(engine)
    asked = question("wait")
    params = _message([{"text": json.dumps(asked)}])
    params.pop("configuration")
    waiting = asyncio.ensure_future(_send(engine, patient, params))
    await until(lambda: gates.starts(asked))
    patient.release()
    assert (await waiting)["status"]["state"] == "TASK_STATE_WORKING"
    gates.open(asked)


async def test_the_same_message_finds_the_first_task(
    talk: Any, question: Question, gates: Any
) -> None:
    asked = question()
    first = await talk.ask(asked, messageId="the-same")
    again = await asyncio.gather(*(talk.ask(asked, messageId="the-same") for _ in range(50)))
    assert {task["id"] for task in again} == {first["id"]}
    await talk.reach(first["id"], "COMPLETED")
    assert len(gates.starts(asked)) == 1


async def test_a_cancelled_task_stays_cancelled(
    talk: Any, question: Question, gates: Any, until: Any
) -> None:
    asked = question("late")
    task = await talk.ask(asked)
    await until(lambda: gates.starts(asked))
    answer = await talk.call("CancelTask", {"id": task["id"]})
    assert answer["result"]["status"]["state"] == "TASK_STATE_CANCELED"
    said = answer["result"]["status"]["message"]["parts"][0]["text"]
    assert said == "canceled by the client"
    error = await _error(talk, "CancelTask", {"id": task["id"]})
    assert (error["code"], error["message"]) == (NOT_CANCELABLE, "the task is canceled")
    assert "artifacts" not in await talk.get(task["id"])


async def test_a_failure_says_why(talk: Any, question: Question) -> None:
    task = await talk.ask(question("raise"))
    failed = await talk.reach(task["id"], "FAILED")
    reason = failed["status"]["message"]["parts"][0]["text"]
    assert reason.startswith("the analysis failed: ValueError: no such log")
    assert len(reason) <= 1000


async def test_a_task_that_waits_gives_a_sign_of_life_each_time(
    talk: Any, question: Question, gates: Any
) -> None:
    asked = [question("wait") for _ in range(3)]
    tasks = [await talk.ask(one) for one in asked]
    waiting = tasks[-1]["id"]
    first = (await talk.get(waiting))["status"]["timestamp"]
    second = (await talk.get(waiting))["status"]["timestamp"]
    assert second > first
    for one in asked:
        gates.open(one)
    for task in tasks:
        await talk.reach(task["id"], "COMPLETED")


@pytest.mark.parametrize("method", ["GetTask", "CancelTask"])
async def test_an_unknown_task_is_not_found(talk: Any, method: str) -> None:
    error = await _error(talk, method, {"id": "nobody"})
    assert error["code"] == TASK_NOT_FOUND


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        ([{"text": "Is it fine?"}], "no JSON object"),
        ([{"text": "{}"}], "run.uid"),
        ([{"data": {"run": {"uid": 1}}}], "run.uid"),
    ],
)
async def test_a_bad_request_is_invalid_and_says_where(
    talk: Any, parts: list[dict[str, Any]], named: str
) -> None:
    error = await _error(talk, "SendMessage", _message(parts))
    assert error["code"] == INVALID_PARAMS
    assert named in error["message"]


@pytest.mark.parametrize("name", ["messageId", "contextId"])
@pytest.mark.parametrize("value", ["x" * 257, "a\0b"], ids=["endless", "NUL"])
async def test_an_id_that_cannot_be_kept_is_refused(
    talk: Any, question: Question, name: str, value: str
) -> None:
    params = _message([{"text": json.dumps(question())}], **{name: value})
    error = await _error(talk, "SendMessage", params)
    assert error["code"] == INVALID_PARAMS
    assert name in error["message"]


async def test_a_message_without_id_is_refused(talk: Any, question: Question) -> None:
    params = _message([{"text": json.dumps(question())}], messageId="")
    assert (await _error(talk, "SendMessage", params))["code"] == INVALID_PARAMS


async def test_an_analysis_takes_no_further_message(talk: Any, question: Question) -> None:
    task = await talk.ask(question())
    further = _message([{"text": json.dumps(question())}], taskId=task["id"])
    error = await _error(talk, "SendMessage", further)
    assert error["code"] == UNSUPPORTED
    unknown = _message([{"text": json.dumps(question())}], taskId="nobody")
    assert (await _error(talk, "SendMessage", unknown))["code"] == TASK_NOT_FOUND


async def test_push_notifications_are_refused(talk: Any, question: Question) -> None:
    params = _message([{"text": json.dumps(question())}])
    params["configuration"]["taskPushNotificationConfig"] = {"url": "http://example.test/"}
    assert (await _error(talk, "SendMessage", params))["code"] == NO_PUSH
    for method, body in (
        ("CreateTaskPushNotificationConfig", {"taskId": "t", "url": "http://example.test/"}),
        ("GetTaskPushNotificationConfig", {"taskId": "t", "id": "p"}),
        ("ListTaskPushNotificationConfigs", {"taskId": "t"}),
        ("DeleteTaskPushNotificationConfig", {"taskId": "t", "id": "p"}),
    ):
        assert (await _error(talk, method, body))["code"] == NO_PUSH


async def test_streams_and_the_extended_card_are_refused(talk: Any, question: Question) -> None:
    params = _message([{"text": json.dumps(question())}])
    assert (await _error(talk, "SendStreamingMessage", params))["code"] == UNSUPPORTED
    assert (await _error(talk, "SubscribeToTask", {"id": "t"}))["code"] == UNSUPPORTED
    assert (await _error(talk, "GetExtendedAgentCard", {}))["code"] == UNSUPPORTED


async def test_other_methods_and_versions_are_refused(talk: Any) -> None:
    assert (await _error(talk, "DoSomething", {}))["code"] == METHOD_NOT_FOUND
    talk.headers["A2A-Version"] = "7.0"
    assert (await _error(talk, "GetTask", {"id": "t"}))["code"] == VERSION


async def test_what_goes_wrong_inside_stays_inside(
    talk: Any,
    engine: AnalysisEngine,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_task_id: str) -> None:
        raise OSError("/secret/path: disk full")

    monkeypatch.setattr(engine, "get", fail)
    error = await _error(talk, "GetTask", {"id": "t"})
    assert error["code"] == INTERNAL
    assert "secret" not in json.dumps(error)
    assert "disk full" in caplog.text


async def test_a_lease_is_at_least_ten_seconds_and_a_deadline_at_most_a_day(
    talk: Any, engine: AnalysisEngine, question: Question
) -> None:
    asked = question("raise", leaseSeconds=0, deadline="9000-01-01T00:00:00Z")
    record = engine.tasks.get((await talk.ask(asked))["id"])
    assert record is not None
    assert record.lease_seconds == 10
    assert record.deadline_at - record.created_at < 86_500
