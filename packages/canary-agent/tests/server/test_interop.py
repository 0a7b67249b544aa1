"""A real agent, asked by the official SDK's client in both versions and transports."""

import json
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from a2a.client import A2ACardResolver, Client, ClientConfig, ClientFactory
from a2a.client.errors import A2AClientError
from a2a.helpers.proto_helpers import get_data_parts, new_data_part
from a2a.types import (
    CancelTaskRequest,
    GetTaskRequest,
    ListTasksRequest,
    Message,
    Part,
    Role,
    SendMessageConfiguration,
    SendMessageRequest,
    Task,
    TaskState,
)
from a2a.utils.errors import A2AError

from canary_verdict import REQUEST_MEDIA_TYPE, parse_verdict

Question = Callable[..., dict[str, Any]]
MATRIX = [(b, v) for b in ("JSONRPC", "HTTP+JSON") for v in ("1.0", "0.3")]


@pytest.fixture(params=MATRIX, ids=[f"{binding} {version}" for binding, version in MATRIX])
async def client(
    request: pytest.FixtureRequest, shared_agent: Any, bearer: dict[str, str]
) -> AsyncIterator[Client]:
    binding, version = request.param
    async with httpx.AsyncClient(timeout=30, headers=bearer) as http:
        card = await A2ACardResolver(http, shared_agent.url).get_agent_card()
        chosen = [
            interface
            for interface in card.supported_interfaces
            if (interface.protocol_binding, interface.protocol_version) == (binding, version)
        ]
        del card.supported_interfaces[:]
        card.supported_interfaces.extend(chosen)
        config = ClientConfig(
            streaming=False, httpx_client=http, supported_protocol_bindings=[binding]
        )
        yield ClientFactory(config).create(card)


def _request(part: Part, **configuration: Any) -> SendMessageRequest:
    return SendMessageRequest(
        message=Message(
            message_id=str(uuid.uuid4()),
            context_id=str(uuid.uuid4()),
            role=Role.ROLE_USER,
            parts=[part],
        ),
        configuration=SendMessageConfiguration(**configuration),
    )


async def _send(client: Client, request: SendMessageRequest) -> Task:
    answers = [answer async for answer in client.send_message(request)]
    task: Task = answers[-1].task
    return task


def _data(asked: dict[str, Any]) -> Part:
    part = new_data_part(asked, REQUEST_MEDIA_TYPE)
    part.metadata.update({"mediaType": REQUEST_MEDIA_TYPE})
    return part


@pytest.mark.parametrize("as_data", [True, False], ids=["data", "text"])
async def test_a_blocking_question_is_answered(
    client: Client, question: Question, *, as_data: bool
) -> None:
    asked = question()
    part = _data(asked) if as_data else Part(text=f"Judge.\n```json\n{json.dumps(asked)}\n```")
    task = await _send(client, _request(part))
    assert task.status.state == TaskState.TASK_STATE_COMPLETED
    (artifact,) = task.artifacts
    assert artifact.name == "canary-verdict"
    (data,) = get_data_parts(artifact.parts)
    verdict = parse_verdict(data, asked["run"]["uid"])
    assert verdict == parse_verdict(json.loads(artifact.parts[1].text), asked["run"]["uid"])
    assert artifact.parts[0].metadata["mediaType"].startswith("application/vnd.metric-ai.")


async def test_a_task_is_watched_and_cancelled(
    client: Client, question: Question, shared_agent: Any, until: Any
) -> None:
    asked = question("wait")
    task = await _send(client, _request(_data(asked), return_immediately=True))
    assert task.status.state == TaskState.TASK_STATE_SUBMITTED
    await until(lambda: shared_agent.gates.starts(asked))
    task = await client.get_task(GetTaskRequest(id=task.id, history_length=0))
    assert task.status.state == TaskState.TASK_STATE_WORKING
    assert task.status.HasField("timestamp")
    task = await client.cancel_task(CancelTaskRequest(id=task.id))
    assert task.status.state == TaskState.TASK_STATE_CANCELED
    assert task.status.message.parts[0].text == "canceled by the client"
    # The SDK's client of HTTP+JSON 0.3 shows the status code only.
    with pytest.raises((A2AError, A2AClientError), match=r"the task is canceled|400 Bad Request"):
        await client.cancel_task(CancelTaskRequest(id=task.id))


async def test_errors_arrive_as_what_they_are(client: Client) -> None:
    with pytest.raises((A2AError, A2AClientError), match=r"(?i)not found"):
        await client.get_task(GetTaskRequest(id="nobody"))
    with pytest.raises((A2AError, A2AClientError), match=r"no JSON object|400 Bad Request"):
        await _send(client, _request(Part(text="Is it fine?")))


async def test_tasks_of_a_context_are_listed(
    client: Client, question: Question, request: pytest.FixtureRequest
) -> None:
    if "0.3" in request.node.callspec.id:
        pytest.skip("A2A 0.3 has no ListTasks")
    sent = _request(_data(question()))
    task = await _send(client, sent)
    listed = await client.list_tasks(ListTasksRequest(context_id=sent.message.context_id))
    assert [found.id for found in listed.tasks] == [task.id]


@pytest.mark.parametrize("version", ["1.0", "0.3"])
async def test_streams_are_refused(
    shared_agent: Any, bearer: dict[str, str], question: Question, version: str
) -> None:
    """By hand: the SDK's client reads the card and does not try."""
    new = version == "1.0"
    text = json.dumps(question())
    message = {
        "messageId": str(uuid.uuid4()),
        "role": "ROLE_USER" if new else "user",
        "parts": [{"text": text} if new else {"kind": "text", "text": text}],
    }
    method = "SendStreamingMessage" if new else "message/stream"
    headers = {**bearer, "A2A-Version": version}
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {"message": message}}
    async with httpx.AsyncClient(base_url=shared_agent.url, headers=headers) as http:
        assert "-32004" in (await http.post("/", json=body)).text
        path = "/tasks/t:subscribe" if new else "/v1/tasks/t:subscribe"
        assert "does not stream" in (await http.get(path)).text


async def test_without_the_token_there_is_no_answer(shared_agent: Any) -> None:
    async with httpx.AsyncClient(base_url=shared_agent.url) as http:
        assert (await http.get("/healthz")).status_code == 200
        for path in ("/", "/message:send", "/v1/message:send"):
            assert (await http.post(path, json={})).status_code == 401
        assert (await http.get("/tasks")).status_code == 401


async def test_a_large_request_is_refused(shared_agent: Any, bearer: dict[str, str]) -> None:
    async with httpx.AsyncClient(base_url=shared_agent.url, headers=bearer) as http:
        answer = await http.post("/", content=b"x" * (1024 * 1024 + 1))
    assert answer.status_code == 413


async def test_the_token_is_in_no_log(shared_agent: Any, bearer: dict[str, str]) -> None:
    async with httpx.AsyncClient(base_url=shared_agent.url, headers=bearer) as http:
        await http.post("/", content=b"no JSON")
        await http.post("/", json={"jsonrpc": "2.0", "id": 1, "method": "GetTask", "params": 1})
    assert bearer["Authorization"].removeprefix("Bearer ") not in shared_agent.log()
