"""Tasks, messages and parts in all their spellings."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollouts_plugin_metric_ai.a2a_client import (
    DEFAULT_LIMITS,
    Message,
    Part,
    PartKind,
    ProtocolViolation,
    Task,
    TaskState,
)
from rollouts_plugin_metric_ai.a2a_client._json import check_depth, decode_json
from rollouts_plugin_metric_ai.a2a_client._parse import (
    parse_message,
    parse_send_result,
    parse_state,
    parse_task,
    parse_timestamp,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("TASK_STATE_COMPLETED", TaskState.COMPLETED),
        ("completed", TaskState.COMPLETED),
        ("TASK_STATE_INPUT_REQUIRED", TaskState.INPUT_REQUIRED),
        ("input-required", TaskState.INPUT_REQUIRED),
        ("auth-required", TaskState.AUTH_REQUIRED),
        ("TASK_STATE_CANCELLED", TaskState.CANCELED),
        ("canceled", TaskState.CANCELED),
        ("TASK_STATE_UNSPECIFIED", TaskState.UNKNOWN),
        ("paused", TaskState.UNKNOWN),
        (3, TaskState.UNKNOWN),
        (None, TaskState.UNKNOWN),
    ],
)
def test_state(said: object, state: TaskState) -> None:
    assert parse_state(said) is state


def test_states_that_end() -> None:
    ended = {state for state in TaskState if state.terminal}
    assert ended == {
        TaskState.COMPLETED,
        TaskState.FAILED,
        TaskState.CANCELED,
        TaskState.REJECTED,
    }


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-23T08:00:00Z", datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ("2026-11-23T08:00:00", datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ("2026-11-23T09:00:00+01:00", datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ("2026-11-23T08:00:00.5", datetime(2026, 11, 23, 8, 0, 0, 500000, tzinfo=UTC)),
        ("2026-11-23T08:00:00.123456789Z", datetime(2026, 11, 23, 8, 0, 0, 123456, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (17, None),
    ],
)
def test_timestamp(text: object, time: datetime | None) -> None:
    assert parse_timestamp(text) == time


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({"text": "a"}, Part(PartKind.TEXT, "", "a")),
        (
            {"kind": "text", "text": "a", "metadata": None},
            Part(PartKind.TEXT, "", "a"),
        ),
        (
            {"data": {"a": 1}, "mediaType": "Application/JSON; charset=utf-8"},
            Part(PartKind.DATA, "application/json", {"a": 1}),
        ),
        (
            {"kind": "data", "data": {"data": 1}, "metadata": {"mimeType": "a/b"}},
            Part(PartKind.DATA, "a/b", {"data": 1}),
        ),
        ({"data": {"data": {"a": 1}}}, Part(PartKind.DATA, "", {"a": 1})),
        ({"data": None}, Part(PartKind.DATA, "", None)),
        (
            {"file": {"bytes": "AAAA"}, "mediaType": 7, "mimeType": "image/png"},
            Part(PartKind.FILE, "image/png", None),
        ),
        ({"raw": "AAAA"}, Part(PartKind.FILE, "", None)),
        ({}, Part(PartKind.FILE, "", None)),
    ],
)
def test_part(fields: dict[str, object], part: Part) -> None:
    message = parse_message({"parts": [fields, "nonsense"]}, "1.0")
    assert message.parts == (part,)
    assert parse_message({"content": [fields]}, "0.3").parts == (part,)


def test_task_with_little_in_it() -> None:
    task = parse_task(
        {"id": "t", "status": 7, "artifacts": {}, "metadata": []}, "1.0", DEFAULT_LIMITS
    )
    assert task == Task("t", "", TaskState.UNKNOWN)


def test_task_with_everything() -> None:
    fields = {
        "id": "t",
        "contextId": "c",
        "kind": "task",
        "status": {
            "state": "working",
            "message": {"parts": [{"text": "reading"}]},
            "timestamp": "2026-11-23T08:00:00",
        },
        "artifacts": [{"name": "a", "parts": [{"text": "x"}]}, 7, {"parts": 7}],
        "metadata": {"k": "v"},
    }
    task = parse_task(fields, "0.3", DEFAULT_LIMITS)
    assert task.status_parts == (Part(PartKind.TEXT, "", "reading"),)
    assert [(artifact.name, len(artifact.parts)) for artifact in task.artifacts] == [
        ("a", 1),
        ("", 0),
    ]
    assert task.metadata == {"k": "v"}
    assert task.protocol_version == "0.3"


@pytest.mark.parametrize("wrap", [None, "task"])
def test_result_that_is_a_task(wrap: str | None) -> None:
    fields = {"id": "t"}
    result = parse_send_result({wrap: fields} if wrap else fields, "1.0", DEFAULT_LIMITS)
    assert isinstance(result, Task)


@pytest.mark.parametrize("wrap", [None, "message", "msg"])
def test_result_that_is_a_message(wrap: str | None) -> None:
    fields = {"messageId": "m", "parts": []}
    result = parse_send_result({wrap: fields} if wrap else fields, "1.0", DEFAULT_LIMITS)
    assert result == Message((), "")


@settings(deadline=None)
@given(JSON)
def test_any_json_is_read_or_refused(value: object) -> None:
    for result in (value, {"task": value}, {"id": "t", "status": value, "artifacts": [value]}):
        with suppress(ProtocolViolation):
            parse_send_result(result, "1.0", DEFAULT_LIMITS)


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_are_json_or_not(body: bytes) -> None:
    for text in (body, b'{"a":' + body + b"}"):
        with suppress(ValueError):
            decode_json(text, DEFAULT_LIMITS)


def test_depth() -> None:
    value: object = 1
    for depth in range(1, 65):
        value = [value] if depth % 2 else {"a": value}
        check_depth(value, depth)
        with pytest.raises(ValueError, match=f"deeper than {depth - 1}"):
            check_depth(value, depth - 1)
