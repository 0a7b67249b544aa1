"""A thin A2A client: cards, messages and tasks of A2A 1.0 and 0.3, from agents that nobody vouches for.

Importing it is cheap; h11 is imported with the first request.
"""

from ._address import Address, HostPolicy, parse_address
from ._client import AgentClient
from ._credentials import RESERVED_HEADERS, Credentials
from ._errors import (
    AddressRefused,
    AgentClientError,
    AgentRefused,
    AgentUnreachable,
    CredentialsRefused,
    MethodNotSupported,
    OperationNotSupported,
    ProtocolViolation,
    TaskNotCancelable,
    TaskNotFound,
    UnreadableAnswer,
)
from ._http import HttpAnswer, HttpClient, HttpRequest
from ._limits import DEFAULT_LIMITS, ClientLimits
from ._model import (
    HTTP_JSON,
    JSONRPC,
    REST,
    V03,
    V1,
    AgentCard,
    Artifact,
    Message,
    OutgoingMessage,
    Part,
    PartKind,
    Task,
    TaskState,
    Unsupported,
)
from ._text import snippet
from .answer import read_answer

__all__ = [
    "DEFAULT_LIMITS",
    "HTTP_JSON",
    "JSONRPC",
    "RESERVED_HEADERS",
    "REST",
    "V03",
    "V1",
    "Address",
    "AddressRefused",
    "AgentCard",
    "AgentClient",
    "AgentClientError",
    "AgentRefused",
    "AgentUnreachable",
    "Artifact",
    "ClientLimits",
    "Credentials",
    "CredentialsRefused",
    "HostPolicy",
    "HttpAnswer",
    "HttpClient",
    "HttpRequest",
    "Message",
    "MethodNotSupported",
    "OperationNotSupported",
    "OutgoingMessage",
    "Part",
    "PartKind",
    "ProtocolViolation",
    "Task",
    "TaskNotCancelable",
    "TaskNotFound",
    "TaskState",
    "UnreadableAnswer",
    "Unsupported",
    "parse_address",
    "read_answer",
    "snippet",
]
