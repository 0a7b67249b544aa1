# ruff: noqa: N818 - the names say what happened; `except TaskNotFound` reads as a sentence
"""What can go wrong between this client and an agent.

Texts name what was found and what was expected. They never hold credentials, and of an agent's
answer no more than a short, redacted piece.
"""


class AgentClientError(Exception):
    """Anything that kept a call from its result.

    Attributes:
        retryable: whether the same call may well succeed a little later.
    """

    retryable = False


class AddressRefused(AgentClientError):
    """An address that is malformed or that the operator's policy does not allow."""


class CredentialsRefused(AgentClientError):
    """A CA or client certificate that cannot be loaded."""


class AgentUnreachable(AgentClientError):
    """No complete answer: the name does not resolve, nobody listens, TLS fails, or time ran out.

    After a `send` nobody knows whether the agent has taken the message.
    """

    retryable = True


class AgentRefused(AgentClientError):
    """The agent answered with an HTTP error, or with a JSON-RPC error that has no class of its own.

    Attributes:
        status: the HTTP status, 200 where a JSON-RPC error came in a successful answer.
        code: the JSON-RPC error code, or None.
        retry_after: seconds to wait, 0 to 3600, where the agent said so.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.retryable = status in {408, 425, 429, 500, 502, 503, 504}


class TaskNotFound(AgentClientError):
    """The agent does not know the task, or no longer (A2A error -32001)."""


class TaskNotCancelable(AgentClientError):
    """The task has ended already (A2A error -32002)."""


class MethodNotSupported(AgentClientError):
    """The agent knows the method (-32601) or the version (-32009) neither in 1.0 nor in 0.3."""


class OperationNotSupported(MethodNotSupported):
    """The agent knows the method and says that it cannot do this (-32004)."""


class ProtocolViolation(AgentClientError):
    """An answer that is no A2A: not JSON, another shape, too large, compressed, or a redirect."""


class UnreadableAnswer(AgentClientError):
    """An answer without exactly one verdict on the run that asked."""
