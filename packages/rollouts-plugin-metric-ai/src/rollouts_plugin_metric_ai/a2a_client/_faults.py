"""Turns what an agent answers instead of a result into this client's errors."""

from collections.abc import Mapping
from datetime import UTC, datetime

from ._errors import (
    AgentClientError,
    AgentRefused,
    MethodNotSupported,
    OperationNotSupported,
    ProtocolViolation,
    TaskNotCancelable,
    TaskNotFound,
)
from ._http import HttpAnswer
from ._text import snippet

# A2A 1.0 and 0.3, error codes; the reasons are those of the HTTP+JSON form.
_CODES: dict[int, type[AgentClientError]] = {
    -32001: TaskNotFound,
    -32002: TaskNotCancelable,
    -32004: OperationNotSupported,
    -32009: MethodNotSupported,
    -32601: MethodNotSupported,
}
_REASONS: dict[str, type[AgentClientError]] = {
    "TASK_NOT_FOUND": TaskNotFound,
    "TASK_NOT_CANCELABLE": TaskNotCancelable,
    "UNSUPPORTED_OPERATION": OperationNotSupported,
    "VERSION_NOT_SUPPORTED": MethodNotSupported,
    "METHOD_NOT_FOUND": MethodNotSupported,
}

# The server's own words about these come from a proxy as often as from the agent.
_BY_STATUS_ALONE = frozenset({401, 403, 407, 429, 502, 503, 504})
_ADVICE = {
    401: "; check the token under auth",
    403: "; check the token under auth",
    404: "; check the path of agentUrl",
}
_MAX_RETRY_AFTER = 3600.0


def status_fault(
    answer: HttpAnswer, document: object, where: str, secrets: tuple[str, ...]
) -> AgentClientError | None:
    """The error of an answer whose status is not 2xx; None where it is.

    Args:
        answer: the answer.
        document: its body, decoded, or None where it is no JSON.
        where: the method and address, for the text.
        secrets: texts that must not be repeated.
    """
    status = answer.status
    if 200 <= status < 300:
        return None
    if status < 400:
        target = snippet(answer.headers.get("location", ""), secrets, limit=100).partition("?")[0]
        to = f" to {target}" if target else ""
        return ProtocolViolation(
            f"{where} answered {status}{to}, expected an answer: redirects are not followed, set "
            f"agentUrl to the final address"
        )
    error = document.get("error") if isinstance(document, Mapping) else None
    if status not in _BY_STATUS_ALONE and isinstance(error, Mapping):
        known = _known_fault(error, where, secrets)
        if known is not None:
            return known
    said = snippet(_message(error), secrets)
    return AgentRefused(
        f"{where} answered HTTP {status}{': ' + said if said else ''}{_ADVICE.get(status, '')}",
        status=status,
        retry_after=retry_after(answer.headers.get("retry-after", "")),
    )


def rpc_fault(
    error: object, answer: HttpAnswer, where: str, secrets: tuple[str, ...]
) -> AgentClientError:
    """The error that a JSON-RPC answer with the field `error` stands for."""
    if not isinstance(error, Mapping):
        return ProtocolViolation(f"{where} answered with an error that is no object")
    known = _known_fault(error, where, secrets)
    if known is not None:
        return known
    code = error.get("code")
    said = snippet(_message(error), secrets) or "no message"
    return AgentRefused(
        f"{where} answered with error {code if isinstance(code, int) else 'without a code'}: {said}",
        status=answer.status,
        code=code if isinstance(code, int) else None,
    )


def retry_after(text: str, now: datetime | None = None) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, 10.2.3), 0 to 3600; None for nonsense."""
    text = text.strip()
    if text.isdecimal() and text.isascii():
        return min(float(text[:10]), _MAX_RETRY_AFTER)
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - 10 ms that few answers need

    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    return min(max(0.0, seconds), _MAX_RETRY_AFTER)


def _known_fault(
    error: Mapping[str, object], where: str, secrets: tuple[str, ...]
) -> AgentClientError | None:
    code = error.get("code")
    kind = _CODES.get(code) if isinstance(code, int) else None
    if kind is None:
        kind = next((_REASONS[name] for name in _reasons(error) if name in _REASONS), None)
    if kind is None:
        return None
    return kind(f"{where} answered: {snippet(_message(error), secrets) or kind.__name__}")


def _reasons(error: Mapping[str, object]) -> list[str]:
    """The reasons among the typed details of google.rpc.ErrorInfo."""
    details = error.get("details")
    return [
        reason
        for entry in (details if isinstance(details, list) else [])[:20]
        if isinstance(entry, Mapping) and isinstance(reason := entry.get("reason"), str)
    ]


def _message(error: object) -> str:
    message = error.get("message") if isinstance(error, Mapping) else None
    return message if isinstance(message, str) else ""
