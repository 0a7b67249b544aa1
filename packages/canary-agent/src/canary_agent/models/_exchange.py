"""One question to one model and what came of it, as a bundle keeps it: no key, no header."""

from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec

MAX_CITES = 50


class Outcome(StrEnum):
    """How it ended."""

    ANSWERED = "answered"
    REFUSED = "refused"  # by the model itself, or by a provider's filter
    UNREADABLE = "unreadable"  # cut off, or not of the asked form
    LATE = "late"
    FAILED = "failed"  # never reached, or an error of the provider


class Purpose(StrEnum):
    """What a model was asked for."""

    VOTE = "vote"
    EXCUSES = "excuses"


class LookedUp(msgspec.Struct, frozen=True, rename="camel"):
    """What a model asked for besides, and got: redacted, as it was sent."""

    tool: str
    argument: str
    text: str


class VoteAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """A voter's answer, made fit to be shown; see `cleaned`."""

    verdict: Literal["promote", "rollback", "inconclusive"]
    confidence: Annotated[float, msgspec.Meta(ge=0, le=100)]
    analysis: str
    root_cause: str
    remediation: str
    cites: Annotated[tuple[str, ...], msgspec.Meta(max_length=MAX_CITES)]


class Exchange(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One question and its answer.

    Attributes:
        model: `provider:name` of the one that answered, or of the last that failed.
        voter: the first model of its voter, by which it is known.
        prompt: the parts of what was sent, in order, redacted.
        parameters: limits and output mode.
        answer: structured, validated and redacted; None where there is none.
        error: why there is none, in words that may be shown.
        cost_usd: None where the price is not known.
        seconds: with all attempts.
        attempts: requests that were begun, of all models of the voter.
    """

    purpose: Purpose
    voter: str
    model: str
    outcome: Outcome
    instructions: str = ""
    prompt: tuple[str, ...] = ()
    parameters: dict[str, Any] = {}
    answer: dict[str, Any] | None = None
    error: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float | None = None
    seconds: float = 0.0
    attempts: int = 0
    looked_up: tuple[LookedUp, ...] = ()

    def check(self) -> None:
        """Looks at an answer that somebody else has written down.

        Raises:
            ValueError: a vote is none.
        """
        if self.purpose is Purpose.VOTE and self.answer is not None:
            msgspec.convert(self.answer, VoteAnswer)
