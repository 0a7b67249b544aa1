"""Against the official SDK's server: both versions, both transports."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from canary_verdict import EXTENSION_URI, Verdict
from rollouts_plugin_metric_ai.a2a_client import (
    AgentClient,
    Message,
    OutgoingMessage,
    Task,
    TaskNotCancelable,
    TaskNotFound,
    TaskState,
    Unsupported,
    read_answer,
)

RUN_UID = "3f0c5f9e-6f6e-4a4b-9c3e-2f9f6a1f0b11"
CONTEXT = "0b9cbe2e-6f0b-5a53-9d4e-8b6a3a3c0f10"


def outgoing(text: str, message_id: str = "m-1") -> OutgoingMessage:
    return OutgoingMessage(
        context_id=CONTEXT,
        message_id=message_id,
        text=text,
        data={"schemaVersion": "1", "big": "9007199254740993"},
        data_media_type="application/vnd.test+json",
        extensions=(EXTENSION_URI,),
    )


@pytest.fixture(
    params=[("JSONRPC", "1.0"), ("JSONRPC", "0.3"), ("HTTP+JSON", "1.0"), ("HTTP+JSON", "0.3")],
    ids=" ".join,
)
async def official(request: pytest.FixtureRequest, serve_official: Any) -> Any:
    module = request.getfixturevalue("flavour")
    return await serve_official(module(*request.param)), request.param


Deadline = Callable[[float], float]


async def test_card(official: Any, client: AgentClient, deadline: Deadline) -> None:
    agent, (transport, version) = official
    card = await client.fetch_card(agent.url + "/", None, deadline(30))
    assert card.url.startswith(agent.url)
    assert (card.transport, card.protocol_version) == (transport, version)
    assert card.extensions == {EXTENSION_URI}
    assert (card.name, card.version, card.streaming) == ("official", "7", False)


async def test_open_task_is_found_and_cancelled(
    official: Any, client: AgentClient, deadline: Deadline
) -> None:
    agent, (_, version) = official
    card = await client.fetch_card(agent.url, None, deadline(30))
    sent = await client.send(card, outgoing("hold"), None, deadline(30))
    assert isinstance(sent, Task)
    assert sent.context_id == CONTEXT
    assert not sent.state.terminal
    assert sent.protocol_version == version
    task = await client.get_task(card, sent.id, None, deadline(30))
    assert task.id == sent.id
    assert task.state in {TaskState.SUBMITTED, TaskState.WORKING}
    ended = await client.cancel_task(card, sent.id, None, deadline(30))
    assert ended.state is TaskState.CANCELED
    with pytest.raises(TaskNotCancelable):
        await client.cancel_task(card, sent.id, None, deadline(30))


async def test_verdict_is_read(official: Any, client: AgentClient, deadline: Deadline) -> None:
    agent, _ = official
    card = await client.fetch_card(agent.url, None, deadline(30))
    sent = await client.send(card, outgoing("verdict"), None, deadline(30))
    assert isinstance(sent, Task)
    task = sent
    while not task.state.terminal:
        task = await client.get_task(card, sent.id, None, deadline(30))
    assert task.timestamp is not None
    assert [artifact.name for artifact in task.artifacts] == ["canary-verdict"]
    verdict = read_answer(task, RUN_UID)
    assert (verdict.verdict, verdict.confidence) == (Verdict.PROMOTE, 90)


async def test_agent_reads_what_was_sent(
    official: Any, client: AgentClient, deadline: Deadline
) -> None:
    agent, (_, version) = official
    card = await client.fetch_card(agent.url, None, deadline(30))
    answer = await client.send(card, outgoing("speak"), None, deadline(30))
    assert isinstance(answer, Message)
    assert answer.parts[0].value == "nothing to say"
    (message,) = agent.seen
    assert (message.context_id, message.message_id) == (CONTEXT, "m-1")
    assert message.parts[0].text == "speak"
    assert dict(message.parts[1].data.struct_value.items())["big"] == "9007199254740993"
    if version == "1.0":
        assert message.parts[1].media_type == "application/vnd.test+json"
    (context,) = agent.contexts
    assert context.requested_extensions == {EXTENSION_URI}
    assert context.configuration.return_immediately


async def test_unknown_task(official: Any, client: AgentClient, deadline: Deadline) -> None:
    agent, _ = official
    card = await client.fetch_card(agent.url, None, deadline(30))
    with pytest.raises(TaskNotFound):
        await client.get_task(card, "no such task", None, deadline(30))
    with pytest.raises(TaskNotFound):
        await client.cancel_task(card, "no such task", None, deadline(30))


async def test_tasks_of_a_context(official: Any, client: AgentClient, deadline: Deadline) -> None:
    agent, (_, version) = official
    card = await client.fetch_card(agent.url, None, deadline(30))
    first = await client.send(card, outgoing("hold"), None, deadline(30))
    listed = await client.list_tasks(card, CONTEXT, None, deadline(30))
    assert isinstance(first, Task)
    if version == "0.3":
        assert isinstance(listed, Unsupported)
    else:
        assert isinstance(listed, list)
        assert [task.id for task in listed] == [first.id]
        assert await client.list_tasks(card, "another", None, deadline(30)) == []
    await client.cancel_task(card, first.id, None, deadline(30))


async def test_card_of_another_version_than_the_server(
    serve_official: Any, flavour: Any, client: AgentClient, deadline: Deadline
) -> None:
    agent = await serve_official(flavour("JSONRPC", "1.0"))
    card = await client.fetch_card(agent.url, None, deadline(30))
    wrong = replace(card, protocol_version="0.3")
    sent = await client.send(wrong, outgoing("hold"), None, deadline(30))
    assert isinstance(sent, Task)
    assert sent.protocol_version == "1.0"
    assert len(agent.seen) == 1
    await client.cancel_task(wrong, sent.id, None, deadline(30))
