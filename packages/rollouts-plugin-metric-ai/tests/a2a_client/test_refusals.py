"""HTTP and JSON-RPC errors, and what of them may be repeated."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollouts_plugin_metric_ai.a2a_client import (
    AgentCard,
    AgentClient,
    AgentClientError,
    AgentRefused,
    Credentials,
    MethodNotSupported,
    OperationNotSupported,
    ProtocolViolation,
    TaskNotCancelable,
    TaskNotFound,
    Unsupported,
)
from rollouts_plugin_metric_ai.a2a_client._faults import retry_after
from rollouts_plugin_metric_ai.a2a_client._text import snippet

Deadline = Callable[[float], float]
TOKEN = "s3cr3t-t0ken"
AUTH = Credentials(token=TOKEN)


async def refused(client: AgentClient, server: Any, deadline: float) -> AgentRefused:
    with pytest.raises(AgentRefused) as caught:
        await client.get_task(AgentCard(url=server.url), "t", AUTH, deadline)
    assert TOKEN not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    "status",
    [
        "400 Bad Request",
        "401 Unauthorized",
        "403 Forbidden",
        "404 Not Found",
        "429 Too Many Requests",
        "500 Internal Server Error",
        "503 Service Unavailable",
    ],
)
async def test_status(
    status: str, client: AgentClient, serve_answer: Any, deadline: Deadline
) -> None:
    server = await serve_answer(f"not for {TOKEN}".encode(), status, Retry_After="7")
    error = await refused(client, server, deadline(30))
    assert error.status == int(status[:3])
    assert error.retryable is (error.status in {429, 500, 503})
    assert error.retry_after == 7
    assert error.code is None
    assert f"HTTP {status[:3]}" in str(error)


async def test_unauthorized_says_where_to_look(
    client: AgentClient, serve_answer: Any, deadline: Deadline
) -> None:
    server = await serve_answer({"error": {"code": -32001}}, "401 Unauthorized")
    error = await refused(client, server, deadline(30))
    assert "check the token under auth" in str(error)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        (" 30 ", 30.0),
        ("999999999999999", 3600.0),
        ("Mon, 23 Nov 2026 08:01:00 GMT", 60.0),
        ("Mon, 23 Nov 2026 08:01:00", 60.0),
        ("Mon, 23 Nov 2026 07:00:00 GMT", 0.0),
        ("Tue, 24 Nov 2026 08:00:00 GMT", 3600.0),
        ("soon", None),
        ("", None),
        ("-3", None),
        ("٣", None),
    ],
)
def test_retry_after(text: str, seconds: float | None) -> None:
    assert retry_after(text, datetime(2026, 11, 23, 8, 0, tzinfo=UTC)) == seconds


def test_retry_after_counts_from_now() -> None:
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (-32001, TaskNotFound),
        (-32002, TaskNotCancelable),
        (-32004, OperationNotSupported),
        (-32601, MethodNotSupported),
        (-32009, MethodNotSupported),
        (-32603, AgentRefused),
        (-32700, AgentRefused),
        (17, AgentRefused),
    ],
)
@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "500 Internal Server Error"])
async def test_rpc_error(
    code: int,
    kind: type[AgentClientError],
    status: str,
    serve_answer: Any,
    deadline: Deadline,
) -> None:
    error = {"code": code, "message": f"no, {TOKEN}\n" + "x" * 5000}
    server = await serve_answer({"jsonrpc": "2.0", "id": None, "error": error}, status)
    async with AgentClient(user_agent="t") as client:
        with pytest.raises(AgentClientError) as caught:
            await client.get_task(AgentCard(url=server.url), "t", AUTH, deadline(30))
    assert type(caught.value) is kind
    assert TOKEN not in str(caught.value)
    assert "no, [redacted] x" in str(caught.value)
    assert len(str(caught.value)) < 400
    if isinstance(caught.value, AgentRefused) and status == "200 OK":
        assert caught.value.code == code
    # Only a version or method that is not known is worth a second question.
    assert len(server.requests) == (2 if kind is MethodNotSupported else 1)


@pytest.mark.parametrize("error", [{}, {"code": "x", "message": 3}])
async def test_rpc_error_without_its_fields(
    error: object, client: AgentClient, serve_answer: Any, deadline: Deadline
) -> None:
    server = await serve_answer({"error": error})
    assert "without a code: no message" in str(await refused(client, server, deadline(30)))


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("TASK_NOT_FOUND", TaskNotFound),
        ("TASK_NOT_CANCELABLE", TaskNotCancelable),
        ("UNSUPPORTED_OPERATION", OperationNotSupported),
        ("VERSION_NOT_SUPPORTED", MethodNotSupported),
        ("INTERNAL_ERROR", AgentRefused),
    ],
)
async def test_reason_of_the_http_json_form(
    reason: str,
    kind: type[AgentClientError],
    client: AgentClient,
    serve_answer: Any,
    deadline: Deadline,
) -> None:
    details = [3, {"@type": "other"}, {"reason": reason}]
    server = await serve_answer({"error": {"code": 400, "details": details}}, "400 Bad Request")
    card = AgentCard(url=server.url, transport="HTTP+JSON")
    with pytest.raises(AgentClientError) as caught:
        await client.cancel_task(card, "t", None, deadline(30))
    assert type(caught.value) is kind


async def test_body_of_a_failed_answer_is_not_repeated(
    client: AgentClient, serve_answer: Any, deadline: Deadline
) -> None:
    server = await serve_answer(b"<html>" + b"stack trace " * 900, "500 Internal Server Error")
    assert "stack trace" not in str(await refused(client, server, deadline(30)))


async def test_answer_that_is_not_json_is_shown_shortly_and_redacted(
    client: AgentClient, serve_answer: Any, deadline: Deadline
) -> None:
    server = await serve_answer(f"<p>\x1b[31m{TOKEN} ".encode() * 50, Content_Type="text/html")
    with pytest.raises(ProtocolViolation) as caught:
        await client.get_task(AgentCard(url=server.url), "t", AUTH, deadline(30))
    text = str(caught.value)
    assert "text/html" in text
    assert "[redacted]" in text
    assert TOKEN not in text
    assert "\x1b" not in text
    assert len(text) < 400


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ("Authorization: Bearer abc.def", "abc.def"),
        ('{"api_key": "k-123"}', "k-123"),
        ("https://user:pw@host/", "user:pw"),
        ("password=hunter2&x=1", "hunter2"),
        ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.sig", "eyJhbGciOiJIUzI1NiJ9"),
    ],
)
def test_what_looks_like_a_secret_is_redacted(said: str, secret: str) -> None:
    assert secret in said
    assert secret not in snippet(said)


@settings(deadline=None)
@given(
    st.text(), st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8), st.text()
)
def test_snippet_never_holds_the_secret(before: str, secret: str, after: str) -> None:
    shown = snippet(before + secret + after, [secret])
    assert len(shown) <= 200
    assert "\n" not in shown
    assert secret not in shown or secret in "[redacted]"


@pytest.mark.parametrize(
    "status", ["404 Not Found", "405 Method Not Allowed", "501 Not Implemented"]
)
async def test_list_of_tasks_that_is_not_served(
    status: str, client: AgentClient, serve_answer: Any, deadline: Deadline
) -> None:
    server = await serve_answer(b"", status)
    card = AgentCard(url=server.url, transport="HTTP+JSON")
    assert isinstance(await client.list_tasks(card, "c", None, deadline(30)), Unsupported)


@pytest.mark.parametrize("code", [-32601, -32004, -32009, -32602])
async def test_list_of_tasks_that_is_not_known(
    code: int, client: AgentClient, serve_answer: Any, deadline: Deadline
) -> None:
    server = await serve_answer({"error": {"code": code}})
    listed = await client.list_tasks(AgentCard(url=server.url), "c", None, deadline(30))
    assert isinstance(listed, Unsupported)
    assert listed.reason
    assert len(server.requests) == 1


async def test_list_of_tasks_that_fails_is_no_empty_list(
    client: AgentClient, serve_answer: Any, deadline: Deadline
) -> None:
    server = await serve_answer({"error": {"code": -32603}})
    with pytest.raises(AgentRefused):
        await client.list_tasks(AgentCard(url=server.url), "c", None, deadline(30))
