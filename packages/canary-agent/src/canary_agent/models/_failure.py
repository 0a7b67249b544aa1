"""Why a model gave no answer: in words of ours, since providers' own may repeat what was sent."""

from dataclasses import dataclass

from pydantic_ai import exceptions as problems

from ._exchange import Outcome
from ._transport import GuardError

_BUSY = "the provider is busy or failed"


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong.

    Attributes:
        words: no text of the provider, no key.
        again: whether another attempt may help.
        after: seconds that the provider asked to wait, None where it did not.
    """

    outcome: Outcome
    words: str
    again: bool = False
    after: float | None = None


def failure_of(error: BaseException) -> Failure:
    """Reads an exception of pydantic-ai, the transport or asyncio."""
    if guard := _guard(error):
        return Failure(Outcome.FAILED, str(guard))
    if isinstance(error, problems.ModelAPIError):
        return _api_failure(error)
    if isinstance(error, TimeoutError):
        return Failure(Outcome.LATE, "no answer in time")
    if isinstance(error, problems.ContentFilterError):
        return Failure(Outcome.REFUSED, "it refused to answer, or the provider's filter did")
    if isinstance(error, problems.IncompleteToolCall):
        return Failure(Outcome.UNREADABLE, "its answer was cut off at the limit of output tokens")
    if isinstance(error, problems.UsageLimitExceeded):
        return Failure(Outcome.UNREADABLE, "it asked for more than the limit of requests allows")
    if isinstance(error, problems.UnexpectedModelBehavior):
        return Failure(Outcome.UNREADABLE, "its answer has not the form that was asked for")
    return Failure(Outcome.FAILED, f"it could not be asked: {type(error).__name__}")


def _api_failure(error: problems.ModelAPIError) -> Failure:
    status = f" (HTTP {error.status_code})" if isinstance(error, problems.ModelHTTPError) else ""
    if isinstance(error, problems.ModelQuotaExceededError):
        return Failure(Outcome.FAILED, f"the account's quota or credit is used up{status}")
    if isinstance(error, problems.ModelRateLimitError):
        return Failure(
            Outcome.FAILED,
            f"the rate limit is reached{status}",
            again=True,
            after=error.retry_after,
        )
    if isinstance(error, problems.ModelTimeoutError | problems.ModelRequestTimeout):
        return Failure(Outcome.LATE, "no answer in time")
    if isinstance(error, problems.ModelConnectionError):
        return Failure(Outcome.FAILED, "the provider cannot be reached, or broke off", again=True)
    if isinstance(error, problems.ModelUnavailableError | problems.ModelServerError):
        return Failure(Outcome.FAILED, f"{_BUSY}{status}", again=True, after=error.retry_after)
    if isinstance(error, problems.ModelAuthenticationError):
        return Failure(Outcome.FAILED, f"the provider does not accept the key{status}")
    if isinstance(error, problems.ModelNotFoundError):
        return Failure(Outcome.FAILED, f"the model or the address is not known there{status}")
    if isinstance(error, problems.ModelContextWindowExceededError):
        return Failure(Outcome.FAILED, f"the question is too long for the model{status}")
    return Failure(Outcome.FAILED, f"the provider refused the request{status}")


def _guard(error: BaseException) -> GuardError | None:
    found: BaseException | None = error
    for _ in range(10):
        if found is None or isinstance(found, GuardError):
            return found
        found = found.__cause__ or found.__context__
    return None
