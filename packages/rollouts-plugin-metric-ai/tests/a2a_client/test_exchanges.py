"""Versions, pages, credentials and headers, as a raw server sees them."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from rollouts_plugin_metric_ai.a2a_client import (
    AgentCard,
    AgentClient,
    Credentials,
    Message,
    MethodNotSupported,
    OutgoingMessage,
    ProtocolViolation,
    Task,
    TaskState,
    _client,
)

Deadline = Callable[[float], float]
Answer = Callable[..., bytes]
MESSAGE = OutgoingMessage(context_id="c", message_id="m", text="hello")
UNKNOWN = {"code": -32601, "message": "Method not found"}


def only(methods: set[str], answer: Answer) -> Any:
    """A handler that knows these methods alone."""

    async def handle(seen: Any, writer: asyncio.StreamWriter) -> None:
        known = seen.rpc["method"] in methods
        result = {"id": "t", "kind": "task", "status": {"state": "working"}}
        body = {"result": result} if known else {"error": UNKNOWN}
        writer.write(answer({"jsonrpc": "2.0", "id": seen.rpc["id"], **body}))

    return handle


@pytest.mark.parametrize(
    ("said", "methods", "asked"),
    [
        ("1.0", {"message/send", "tasks/get"}, ["SendMessage", "message/send", "tasks/get"]),
        ("0.3", {"SendMessage", "GetTask"}, ["message/send", "SendMessage", "GetTask"]),
    ],
)
async def test_card_that_names_the_wrong_version(
    said: str,
    methods: set[str],
    asked: list[str],
    serve_raw: Any,
    answer: Answer,
) -> None:
    server = await serve_raw(only(methods, answer))
    card = AgentCard(url=server.url, protocol_version=said)
    deadline = asyncio.get_running_loop().time() + 30
    async with AgentClient(user_agent="t") as client:
        sent = await client.send(card, MESSAGE, None, deadline)
        assert isinstance(sent, Task)
        assert sent.protocol_version != said
        await client.get_task(card, "t", None, deadline)
    assert [seen.rpc["method"] for seen in server.requests] == asked
    versions = [seen.headers["a2a-version"] for seen in server.requests]
    assert versions == [said, sent.protocol_version, sent.protocol_version]


async def test_agent_that_knows_neither_version(
    client: AgentClient, serve_raw: Any, answer: Answer, deadline: Deadline
) -> None:
    server = await serve_raw(only(set(), answer))
    for _ in range(2):
        with pytest.raises(MethodNotSupported, match="Method not found"):
            await client.send(AgentCard(url=server.url), MESSAGE, None, deadline(30))
    assert [seen.rpc["method"] for seen in server.requests] == ["SendMessage", "message/send"] * 2


async def test_versions_learnt_are_bounded(
    client: AgentClient, serve_raw: Any, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_client, "_MAX_LEARNT", 3)
    server = await serve_raw(only({"tasks/get"}, answer))
    end = asyncio.get_running_loop().time() + 30
    for number in (1, 2, 3, 4, 4, 1):
        await client.get_task(AgentCard(url=f"{server.url}/{number}"), "t", None, end)
    assert [seen.rpc["method"] for seen in server.requests] == [
        *["GetTask", "tasks/get"] * 4,
        "tasks/get",
        # The first has been forgotten.
        *["GetTask", "tasks/get"],
    ]


async def test_message_is_not_waited_for(
    client: AgentClient, serve_raw: Any, answer: Answer, deadline: Deadline
) -> None:
    server = await serve_raw(only({"SendMessage", "message/send"}, answer))
    for version in ("1.0", "0.3"):
        card = AgentCard(url=server.url, protocol_version=version, tenant="blue")
        await client.send(card, MESSAGE, None, deadline(30))
    new, old = (seen.rpc["params"] for seen in server.requests)
    assert new["configuration"]["returnImmediately"] is True
    assert old["configuration"]["blocking"] is False
    assert new["configuration"]["historyLength"] == old["configuration"]["historyLength"] == 0
    assert new["tenant"] == "blue"
    assert "tenant" not in old
    assert [len(params["message"]["parts"]) for params in (new, old)] == [1, 1]
    assert server.requests[0].headers["user-agent"] == "metric-ai/test"


@pytest.mark.parametrize(
    ("version", "url", "targets"),
    [
        ("1.0", "/base/", ["/base/blue/tasks/a%2Fb%20c?historyLength=0"]),
        ("0.3", "/base/", ["/base/v1/tasks/a%2Fb%20c?historyLength=0"]),
        ("0.3", "/base/v1", ["/base/v1/tasks/a%2Fb%20c?historyLength=0"]),
    ],
)
async def test_paths_of_the_http_json_form(
    version: str, url: str, targets: list[str], client: AgentClient, serve_answer: Any
) -> None:
    server = await serve_answer({"id": "a/b c"})
    card = AgentCard(
        url=server.url + url, protocol_version=version, transport="HTTP+JSON", tenant="blue"
    )
    deadline = asyncio.get_running_loop().time() + 30
    task = await client.get_task(card, "a/b c", None, deadline)
    assert task.state is TaskState.UNKNOWN
    assert [seen.target for seen in server.requests] == targets


async def test_pages_of_tasks(
    client: AgentClient, serve_raw: Any, answer: Answer, deadline: Deadline
) -> None:
    async def page(seen: Any, writer: asyncio.StreamWriter) -> None:
        token = seen.rpc["params"].get("pageToken", "0")
        tasks = [{"id": f"{token}-{c}", "contextId": c} for c in ("mine", "theirs")]
        result = {"tasks": tasks, "nextPageToken": str(int(token) + 1)}
        writer.write(answer({"result": result}))

    server = await serve_raw(page)
    listed = await client.list_tasks(AgentCard(url=server.url), "mine", None, deadline(30))
    assert isinstance(listed, list)
    # Endless pages end, and other contexts' tasks are left out.
    assert [task.id for task in listed] == [f"{page}-mine" for page in range(4)]


@pytest.mark.parametrize(
    ("result", "count"),
    [
        ({}, 0),
        ({"tasks": None, "nextPageToken": ""}, 0),
        ({"tasks": [{"id": "a", "contextId": "c"}], "nextPageToken": 3}, 1),
    ],
)
async def test_page_without_its_fields(
    result: object, count: int, client: AgentClient, serve_answer: Any, deadline: Deadline
) -> None:
    server = await serve_answer({"result": result})
    listed = await client.list_tasks(AgentCard(url=server.url), "c", None, deadline(30))
    assert isinstance(listed, list)
    assert len(listed) == count
    assert len(server.requests) == 1


async def test_same_page_again_ends_the_list(
    client: AgentClient, serve_answer: Any, deadline: Deadline
) -> None:
    server = await serve_answer({"result": {"tasks": [], "nextPageToken": "same"}})
    assert await client.list_tasks(AgentCard(url=server.url), "c", None, deadline(30)) == []
    assert len(server.requests) == 2


async def test_list_that_is_none(
    client: AgentClient, serve_answer: Any, deadline: Deadline
) -> None:
    server = await serve_answer({"result": []})
    with pytest.raises(ProtocolViolation, match="a list as a list of tasks"):
        await client.list_tasks(AgentCard(url=server.url), "c", None, deadline(30))


async def test_wrapped_task_is_unwrapped(
    client: AgentClient, serve_answer: Any, deadline: Deadline
) -> None:
    server = await serve_answer({"result": {"task": {"id": "t", "contextId": "c"}}})
    assert (await client.get_task(AgentCard(url=server.url), "t", None, deadline(30))).id == "t"


async def test_long_ids_and_bare_messages(
    client: AgentClient, serve_answer: Any, deadline: Deadline
) -> None:
    long_id = "projects/p/locations/europe-west4/agents/" + "7" * 32
    assert len(long_id) == 73
    server = await serve_answer({"result": {"id": long_id, "status": {"state": "submitted"}}})
    sent = await client.send(AgentCard(url=server.url), MESSAGE, None, deadline(30))
    assert isinstance(sent, Task)
    assert sent.id == long_id
    parts = [{"kind": "text", "text": "hi"}]
    message = {"kind": "message", "contextId": "c", "parts": parts, "id": "x"}
    server = await serve_answer({"result": message})
    said = await client.send(AgentCard(url=server.url), MESSAGE, None, deadline(30))
    assert isinstance(said, Message)
    assert (said.parts[0].value, said.context_id) == ("hi", "c")


async def test_token_goes_where_it_is_bound_to(
    client: AgentClient, serve_answer: Any, deadline: Deadline
) -> None:
    server = await serve_answer({"result": {"id": "t"}})
    card = AgentCard(url=server.url)
    for auth in (
        None,
        Credentials(token="abc"),
        Credentials(token="abc", header="X-Key"),
        Credentials(token="abc", origin=server.url.upper() + "/"),
        Credentials(token="abc", origin="https://elsewhere.example"),
    ):
        await client.get_task(card, "t", auth, deadline(30))
    sent = [
        (seen.headers.get("authorization"), seen.headers.get("x-key")) for seen in server.requests
    ]
    bearer = ("Bearer abc", None)
    assert sent == [(None, None), bearer, (None, "abc"), bearer, (None, None)]


async def test_cookies_are_not_kept(
    client: AgentClient, serve_answer: Any, deadline: Deadline
) -> None:
    server = await serve_answer({"result": {"id": "t"}}, Set_Cookie="session=1")
    for _ in range(2):
        await client.get_task(AgentCard(url=server.url), "t", None, deadline(30))
    assert all("cookie" not in seen.headers for seen in server.requests)


async def test_proxies_of_the_environment_are_not_used(
    client: AgentClient, serve_answer: Any, deadline: Deadline, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await serve_answer({"result": {"id": "t"}})
    proxy = await serve_answer({"result": {"id": "t"}})
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    await client.get_task(AgentCard(url=server.url), "t", None, deadline(30))
    assert (len(server.requests), proxy.connections) == (1, 0)


async def test_address_with_a_query(
    client: AgentClient, serve_answer: Any, deadline: Deadline
) -> None:
    server = await serve_answer({"error": {"code": 1, "message": "no"}})
    with pytest.raises(Exception, match="GetTask at") as caught:
        await client.get_task(AgentCard(url=f"{server.url}/rpc?k=v"), "t", None, deadline(30))
    assert server.requests[0].target == "/rpc?k=v"
    assert "k=v" not in str(caught.value)


async def test_text_beyond_ascii_arrives(
    client: AgentClient, serve_raw: Any, answer: Answer, deadline: Deadline
) -> None:
    server = await serve_raw(only({"SendMessage"}, answer))
    message = OutgoingMessage(context_id="c", message_id="m", text="grün ✓ \x00", data={"ö": 1})
    await client.send(AgentCard(url=server.url), message, None, deadline(30))
    parts = json.loads(server.requests[0].body)["params"]["message"]["parts"]
    assert [part.get("text", part.get("data")) for part in parts] == ["grün ✓ \x00", {"ö": 1}]
