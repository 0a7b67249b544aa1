"""How each version of A2A spells a request, for JSON-RPC and for HTTP+JSON."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from ._model import V1, OutgoingMessage

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Call:
    """One request in one version.

    Attributes:
        method: JSON-RPC method.
        params: its parameters.
        verb: HTTP method of the HTTP+JSON form.
        path: its path below the interface's address, with the query.
        body: its body, or None.
        extensions: URIs for the extensions' header.
        harmless: whether it only reads, so that it may be sent twice.
        trace: the W3C traceparent that it carries; empty for none.
    """

    method: str
    params: dict[str, object]
    verb: str
    path: str
    body: Mapping[str, object] | None = None
    extensions: tuple[str, ...] = ()
    harmless: bool = False
    trace: str = ""


def send_call(version: str, message: OutgoingMessage) -> Call:
    """SendMessage (1.0) or message/send (0.3), not to be waited for."""
    if version == V1:
        params = _send_params_1(message)
        return Call(
            "SendMessage",
            params,
            "POST",
            "/message:send",
            params,
            message.extensions,
            trace=trace_parent(message),
        )
    return Call(
        "message/send",
        _send_params_03(message),
        "POST",
        "/v1/message:send",
        _send_body_03(message),
        message.extensions,
        trace=trace_parent(message),
    )


def trace_parent(message: OutgoingMessage) -> str:
    """The W3C trace context of a message: its ids are the trace's, so that nothing has to be kept for it.

    The trace's id is the contextId, which is in the measurement's metadata; that of the parent span is the
    messageId's first half. Empty where they are no UUIDs.

    Source: W3C Trace Context, section 3.2.2, version 00.
    """
    try:
        trace, span = uuid.UUID(message.context_id), uuid.UUID(message.message_id)
    except ValueError:
        return ""
    return f"00-{trace.hex}-{span.hex[:16]}-01"


def get_call(version: str, task_id: str, history: int = 0) -> Call:
    """GetTask or tasks/get, with so many messages of the task's history."""
    method, prefix = ("GetTask", "") if version == V1 else ("tasks/get", "/v1")
    path = f"{prefix}/tasks/{quote(task_id, safe='')}?historyLength={history}"
    return Call(method, {"id": task_id, "historyLength": history}, "GET", path, harmless=True)


def cancel_call(version: str, task_id: str) -> Call:
    """CancelTask or tasks/cancel."""
    method, prefix = ("CancelTask", "") if version == V1 else ("tasks/cancel", "/v1")
    path = f"{prefix}/tasks/{quote(task_id, safe='')}:cancel"
    return Call(method, {"id": task_id}, "POST", path, {})


def list_call(context_id: str, page_token: str = "") -> Call:
    """ListTasks, which 0.3 does not have: one page, with artifacts."""
    params: dict[str, object] = {
        "contextId": context_id,
        "pageSize": PAGE_SIZE,
        "historyLength": 0,
        "includeArtifacts": True,
    }
    if page_token:
        params["pageToken"] = page_token
    query = urlencode({**params, "includeArtifacts": "true"})
    return Call("ListTasks", params, "GET", f"/tasks?{query}", harmless=True)


def _send_params_1(message: OutgoingMessage) -> dict[str, object]:
    parts: list[object] = [{"text": message.text, "mediaType": "text/plain"}]
    if message.data is not None:
        parts.append({"data": message.data, "mediaType": message.data_media_type})
    return {
        "message": _message(message, role="ROLE_USER", parts=parts),
        "configuration": {
            "acceptedOutputModes": list(message.accepted_output_modes),
            "returnImmediately": True,
            "historyLength": 0,
        },
    }


def _send_params_03(message: OutgoingMessage) -> dict[str, object]:
    parts: list[object] = [{"kind": "text", "text": message.text}]
    if message.data is not None:
        metadata = {"mediaType": message.data_media_type}
        parts.append({"kind": "data", "data": message.data, "metadata": metadata})
    return {
        "message": {**_message(message, role="user", parts=parts), "kind": "message"},
        "configuration": _configuration_03(message),
    }


def _send_body_03(message: OutgoingMessage) -> dict[str, object]:
    # The HTTP+JSON form of 0.3 follows its protobuf: other names, and data wrapped twice.
    content: list[object] = [{"text": message.text}]
    if message.data is not None:
        metadata = {"mediaType": message.data_media_type}
        content.append({"data": {"data": message.data}, "metadata": metadata})
    fields = _message(message, role="ROLE_USER", parts=content)
    fields["content"] = fields.pop("parts")
    return {"request": fields, "configuration": _configuration_03(message)}


def _configuration_03(message: OutgoingMessage) -> dict[str, object]:
    return {
        "acceptedOutputModes": list(message.accepted_output_modes),
        "blocking": False,
        "historyLength": 0,
    }


def _message(message: OutgoingMessage, *, role: str, parts: list[object]) -> dict[str, object]:
    fields: dict[str, object] = {
        "messageId": message.message_id,
        "contextId": message.context_id,
        "role": role,
        "parts": parts,
    }
    if message.extensions:
        fields["extensions"] = list(message.extensions)
    return fields
