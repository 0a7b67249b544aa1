"""Reads tasks and messages of both versions, liberally where it does no harm."""

from collections.abc import Mapping
from datetime import UTC, datetime

from ._errors import ProtocolViolation
from ._limits import ClientLimits
from ._model import Artifact, Message, Part, PartKind, Task, TaskState
from ._text import kind_of

_AGENT = ("ROLE_AGENT", "agent")
_SPELLINGS = {"cancelled": TaskState.CANCELED}


def parse_send_result(value: object, version: str, limits: ClientLimits) -> Task | Message:
    """The result of a send: 1.0 and both REST forms wrap it, 0.3's JSON-RPC marks it by `kind`.

    Raises:
        ProtocolViolation: neither a task nor a message.
    """
    fields = _object(value, "the answer to a message")
    for name in ("task", "message", "msg"):
        inner = fields.get(name)
        if isinstance(inner, Mapping):
            fields = inner
            break
    if fields.get("kind") != "message" and "id" in fields:
        return parse_task(fields, version, limits)
    if "parts" in fields or "content" in fields:
        return parse_message(fields, version)
    raise ProtocolViolation(
        "found an object that is neither a task nor a message as the answer to a message"
    )


def parse_task(value: object, version: str, limits: ClientLimits) -> Task:
    """One task.

    Raises:
        ProtocolViolation: no object, or no usable id.
    """
    fields = _object(value, "a task")
    task_id = fields.get("id")
    if not isinstance(task_id, str) or not 0 < len(task_id) <= limits.max_id:
        found = f"{len(task_id)} characters" if isinstance(task_id, str) else kind_of(task_id)
        raise ProtocolViolation(
            f"found {found} as a task's id, expected 1 to {limits.max_id} characters"
        )
    status = fields.get("status")
    if not isinstance(status, Mapping):
        status = {}
    message = status.get("message")
    metadata = fields.get("metadata")
    return Task(
        id=task_id,
        context_id=_text(fields.get("contextId")),
        state=parse_state(status.get("state")),
        status_parts=_parts(message) if isinstance(message, Mapping) else (),
        artifacts=tuple(_artifacts(fields.get("artifacts"))),
        last_parts=_last_parts(fields.get("history")),
        timestamp=parse_timestamp(status.get("timestamp")),
        protocol_version=version,
        metadata=metadata if isinstance(metadata, dict) else {},
    )


def parse_message(value: object, version: str) -> Message:
    """One message.

    Raises:
        ProtocolViolation: no object.
    """
    fields = _object(value, "a message")
    return Message(_parts(fields), _text(fields.get("contextId")), version)


def parse_state(value: object) -> TaskState:
    """`TASK_STATE_INPUT_REQUIRED`, `input-required` and the like; what is not known is UNKNOWN."""
    name = _text(value).lower().removeprefix("task_state_").replace("_", "-")
    try:
        return TaskState(name)
    except ValueError:
        return _SPELLINGS.get(name, TaskState.UNKNOWN)


def parse_timestamp(value: object) -> datetime | None:
    """A time of ISO 8601 in UTC; one without a zone counts as UTC; None for anything else."""
    try:
        time = datetime.fromisoformat(_text(value))
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _artifacts(value: object) -> list[Artifact]:
    entries = value if isinstance(value, list) else []
    return [
        Artifact(_text(entry.get("name")), _parts(entry))
        for entry in entries
        if isinstance(entry, Mapping)
    ]


def _last_parts(history: object) -> tuple[Part, ...]:
    """What the agent has said last; the history holds our question as well."""
    for entry in reversed(history if isinstance(history, list) else []):
        if isinstance(entry, Mapping) and entry.get("role") in _AGENT:
            return _parts(entry)
    return ()


def _parts(holder: Mapping[str, object]) -> tuple[Part, ...]:
    # 0.3's HTTP+JSON calls a message's parts `content`.
    entries = holder.get("parts", holder.get("content"))
    if not isinstance(entries, list):
        return ()
    return tuple(_part(entry) for entry in entries if isinstance(entry, Mapping))


def _part(fields: Mapping[str, object]) -> Part:
    media_type = _media_type(fields)
    text = fields.get("text")
    if isinstance(text, str):
        return Part(PartKind.TEXT, media_type, text)
    if "data" in fields:
        data = fields["data"]
        # 0.3's HTTP+JSON wraps the value once more.
        if "kind" not in fields and isinstance(data, Mapping) and list(data) == ["data"]:
            data = data["data"]
        return Part(PartKind.DATA, media_type, data)
    return Part(PartKind.FILE, media_type, None)


def _media_type(fields: Mapping[str, object]) -> str:
    """1.0 has a field for it; 0.3 has none for data, and agents put it into the metadata."""
    metadata = fields.get("metadata")
    for holder in (fields, metadata if isinstance(metadata, Mapping) else {}):
        for name in ("mediaType", "mimeType", "contentType"):
            value = holder.get(name)
            if isinstance(value, str) and value:
                return value.partition(";")[0].strip().lower()
    return ""


def _object(value: object, what: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise ProtocolViolation(f"found {kind_of(value)} as {what}, expected an object")
    return value


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
