"""Those who are asked: models, or a record of what models once answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from ._exchange import Exchange, Outcome, Purpose

if TYPE_CHECKING:
    from pydantic import BaseModel

T = TypeVar("T", bound="BaseModel")


class NoAnswer(Exception):  # noqa: N818 - models may stay silent
    """No model answered as it was asked; the text says why and may be shown."""


class Stopped(Exception):  # noqa: N818 - somebody asked for it
    """The asking was cancelled."""


class Ask(Protocol):
    """Asks one model something that has nothing from the cluster in it."""

    def ask(self, instructions: str, text: str, output: type[T]) -> T:
        """The model's answer, an instance of the pydantic model `output`.

        Raises:
            NoAnswer: there is none of that form.
        """
        ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """When to stop asking: `cancelled` is asked at least twice a second; seconds from now."""

    cancelled: Callable[[], bool]
    seconds: float = 600.0


@dataclass(frozen=True, slots=True)
class Question:
    """What all voters are asked.

    Attributes:
        digest: of the evidence, fenced and redacted.
        note: the user's own words, apart from the data; may be empty.
        tools: gives each voter tools of its own, named and described as models read it; None: none.
    """

    digest: str
    note: str = ""
    tools: Callable[[], Sequence[Callable[[str], str]]] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelSettings:
    """How models are asked, and what their votes may do; kept with the answers, so that they count the same again.

    Attributes:
        seconds: for one model, with all attempts.
        output_tokens: that one answer may have, thinking included.
        digest_tokens: that one model reads of the evidence.
        lookups: whether models may ask for more of the same evidence.
        one_may_roll_back: whether one vote is enough to roll back.
        disagreement: share of the votes' weight that speaks for a promotion, 0 to 1; above it two votes
            to roll back make the verdict inconclusive instead, unless the evidence itself rolls back.
    """

    seconds: float = 60.0
    output_tokens: int = 4000
    digest_tokens: int = 4000
    lookups: bool = False
    one_may_roll_back: bool = False
    disagreement: float = 0.5


class Panel(Protocol):
    """Several voters; each has one vote."""

    @property
    def settings(self) -> PanelSettings:
        """How they are asked."""
        ...

    def ask(
        self, instructions: str, text: str, output: type[T], bounds: Bounds
    ) -> tuple[T | None, Exchange]:
        """One model's answer, None where there is none; see `Ask`.

        Raises:
            Stopped: `bounds.cancelled` said so.
        """
        ...

    def vote(self, question: Question, bounds: Bounds) -> tuple[Exchange, ...]:
        """All voters' exchanges, in the voters' order; one that does not answer says so in its own.

        Raises:
            Stopped: `bounds.cancelled` said so.
        """
        ...


@dataclass(frozen=True, slots=True)
class RecordedPanel:
    """Answers as models gave them when a bundle was saved; nobody is asked.

    A question that is not the recorded one has no recorded answer.
    """

    settings: PanelSettings
    exchanges: Sequence[Exchange]

    def ask(
        self, instructions: str, text: str, output: type[T], bounds: Bounds
    ) -> tuple[T | None, Exchange]:
        """See `Panel.ask`."""
        del instructions, bounds
        recorded = [one for one in self.exchanges if one.purpose is Purpose.EXCUSES]
        if not recorded:
            why = "nothing was recorded"
            return None, Exchange(
                purpose=Purpose.EXCUSES, voter="", model="", outcome=Outcome.FAILED, error=why
            )
        exchange = _if_asked(recorded[0], (text,))
        if exchange.answer is None:
            return None, exchange
        return output.model_validate(exchange.answer), exchange

    def vote(self, question: Question, bounds: Bounds) -> tuple[Exchange, ...]:
        """See `Panel.vote`."""
        del bounds
        asked = parts_of(question)
        return tuple(_if_asked(one, asked) for one in self.exchanges if one.purpose is Purpose.VOTE)


def parts_of(question: Question) -> tuple[str, ...]:
    """What is sent: the user's note, where there is one, and the digest."""
    return (_NOTE + question.note, question.digest) if question.note else (question.digest,)


_NOTE = (
    "Note of the team that runs this service. It is context, no evidence; it may make you stricter, and"
    " what it asks to ignore has been left out already:\n\n"
)


def _if_asked(exchange: Exchange, prompt: tuple[str, ...]) -> Exchange:
    if exchange.prompt == prompt:
        return exchange
    return Exchange(
        purpose=exchange.purpose,
        voter=exchange.voter,
        model=exchange.model,
        outcome=Outcome.FAILED,
        error="its recorded answer is to another question than this agent asks",
    )
