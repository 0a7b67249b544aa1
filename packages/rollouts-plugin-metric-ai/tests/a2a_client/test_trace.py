"""The W3C trace context that a message carries, made of its own ids."""

import uuid
from dataclasses import replace
from typing import Any

import pytest

from rollouts_plugin_metric_ai.a2a_client._dialect import get_call, send_call, trace_parent
from rollouts_plugin_metric_ai.a2a_client._model import OutgoingMessage

CONTEXT, MESSAGE = uuid.UUID(int=0x1234 << 64), uuid.UUID(int=0xABCD << 96)
SENT = OutgoingMessage(message_id=str(MESSAGE), context_id=str(CONTEXT), text="x")


@pytest.mark.parametrize("version", ["1.0", "0.3"])
def test_a_message_carries_its_ids_as_a_trace(version: str) -> None:
    call = send_call(version, SENT)
    assert call.trace == f"00-{CONTEXT.hex}-{MESSAGE.hex[:16]}-01"
    assert get_call(version, "t").trace == ""


def test_each_attempt_is_a_span_of_one_trace() -> None:
    again = replace(SENT, message_id=str(uuid.UUID(int=0xBEEF << 96)))
    first, second = trace_parent(SENT).split("-"), trace_parent(again).split("-")
    assert first[1] == second[1]
    assert first[2] != second[2]


@pytest.mark.parametrize("field", ["context_id", "message_id"])
def test_ids_that_are_none_carry_nothing(field: str) -> None:
    changed: Any = {field: "x\r\nHost: y"}
    assert trace_parent(replace(SENT, **changed)) == ""
