"""A2A's objects, one form for both versions of the protocol."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

V1 = "1.0"
V03 = "0.3"
JSONRPC = "JSONRPC"
HTTP_JSON = "HTTP+JSON"
REST = "REST"  # the dialect from before A2A


class TaskState(StrEnum):
    """States of a task, named as in A2A 0.3; 1.0's `TASK_STATE_WORKING` is `WORKING`."""

    SUBMITTED = "submitted"
    WORKING = "working"
    INPUT_REQUIRED = "input-required"
    AUTH_REQUIRED = "auth-required"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    REJECTED = "rejected"
    UNKNOWN = "unknown"

    @property
    def terminal(self) -> bool:
        """Whether the task has ended."""
        return self in _TERMINAL


_TERMINAL = frozenset(
    {TaskState.COMPLETED, TaskState.FAILED, TaskState.CANCELED, TaskState.REJECTED}
)


class PartKind(StrEnum):
    """What a part holds."""

    TEXT = "text"
    DATA = "data"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message or an artifact.

    Attributes:
        kind: what it holds.
        media_type: as the agent named it, or empty.
        value: the text, the JSON value, or None for a file, whose content is not kept.
    """

    kind: PartKind
    media_type: str
    value: object


@dataclass(frozen=True, slots=True)
class Artifact:
    """A result of a task."""

    name: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """A task as the agent reports it now.

    Attributes:
        id: of any form, 1 to `ClientLimits.max_id` characters.
        context_id: may be empty.
        state: `UNKNOWN` where the agent gives none or one that is in neither version.
        status_parts: the parts of the status message: prose for people, mostly.
        artifacts: the results, in the agent's order.
        last_parts: the parts of the agent's last message in the history, where that was asked for.
        timestamp: of the status, in UTC; a time without a zone counts as UTC.
        protocol_version: `1.0` or `0.3`, which the agent answered in; keep it with the id.
        metadata: as the agent sent it.
    """

    id: str
    context_id: str
    state: TaskState
    status_parts: tuple[Part, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    last_parts: tuple[Part, ...] = ()
    timestamp: datetime | None = None
    protocol_version: str = V1
    metadata: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """An answer without a task: what the agent had to say, it has said."""

    parts: tuple[Part, ...]
    context_id: str = ""
    protocol_version: str = V1


@dataclass(frozen=True, slots=True)
class Unsupported:
    """The agent cannot do this; `reason` says how we know."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCard:
    """What of an agent's card a client needs. Can be made by hand from what was kept of one.

    Attributes:
        url: where requests go.
        protocol_version: `1.0` or `0.3`.
        transport: `JSONRPC` or `HTTP+JSON`; `REST` for the older dialect.
        extensions: URIs of the extensions that the agent declares.
        tenant: to be sent along with 1.0 requests; mostly empty.
        name: for people.
        version: the agent's own.
        streaming: whether the agent says it can stream; this client never asks for it.
    """

    url: str
    protocol_version: str = V1
    transport: str = JSONRPC
    extensions: frozenset[str] = frozenset()
    tenant: str = ""
    name: str = ""
    version: str = ""
    streaming: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """A message to an agent: a text part, and a data part where there is one.

    Attributes:
        context_id: groups the tasks of one question.
        message_id: the same for a message that is sent again.
        text: stands on its own.
        data: the JSON object of the data part; None for agents that do not know it.
        data_media_type: the data part's media type.
        accepted_output_modes: media types that the answer may have.
        extensions: URIs that the message makes use of; only such as the card declares.
    """

    context_id: str
    message_id: str
    text: str
    data: Mapping[str, object] | None = None
    data_media_type: str = "application/json"
    accepted_output_modes: tuple[str, ...] = ("application/json", "text/plain")
    extensions: tuple[str, ...] = ()
