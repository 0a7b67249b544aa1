"""One step of the talk with an agent: submit a question, or ask how its task is doing.

Nothing here knows measurements: `Exchange.advance` takes a ticket and brings back a ticket and what
the agent said. Errors that end the measurement are `AnalysisError`; a lost contact is no error.
"""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from canary_verdict import (
    EXTENSION_URI,
    REQUEST_MEDIA_TYPE,
    VERDICT_MEDIA_TYPE,
    CanaryRequest,
    clip,
)

from .a2a_client import (
    AgentCard,
    AgentClient,
    AgentClientError,
    AgentUnreachable,
    Credentials,
    Message,
    OutgoingMessage,
    Task,
    TaskNotFound,
    Unsupported,
)
from .adoption import OPEN, adoptable, spent
from .card_text import CardTextError, read_card, with_version, write_card
from .clock import Clock
from .question import question_text
from .summary import without
from .ticket import Ticket

T = TypeVar("T")
log = logging.getLogger(__name__)

HEALTH_FAILED = "Kubernetes Agent health check failed"
ANALYSIS_FAILED = "A2A agent analysis failed"

CARD_SECONDS = 10.0
CALL_SECONDS = 10.0
CARD_LIFE = timedelta(seconds=30)
SILENCE = timedelta(seconds=120)
"""So long an agent may be out of reach while a task of it is open."""
SIGN_OF_LIFE = timedelta(seconds=60)
MAX_RESUBMISSIONS = 1
"""Attempts a measurement: the first, and one that replaces a lost task."""

_CACHED_CARDS = 256


class AnalysisError(Exception):
    """The measurement ends in an Error; the text is its message."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, of whom, and with which credentials."""

    agent_url: str
    credentials: Credentials
    request: CanaryRequest


@dataclass(frozen=True, slots=True)
class Step:
    """What one step brought.

    Attributes:
        ticket: to be kept for the next step.
        answer: the agent's task or message; None when there was no contact.
        wait: seconds that the agent asked to be left alone, 0 where it did not.
    """

    ticket: Ticket
    answer: Task | Message | None
    wait: float = 0.0


class Exchange:
    """The talk with all agents; keeps cards for `CARD_LIFE` and nothing else."""

    def __init__(self, client: AgentClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._cards: dict[tuple[str, Credentials], tuple[AgentCard, datetime]] = {}

    async def advance(self, ticket: Ticket, question: Question, *, first: bool) -> Step:
        """Submits where the ticket has no task yet, asks for the task where it has.

        Args:
            ticket: as the last step left it.
            question: the measurement's own.
            first: whether no earlier try of this measurement can have left a task behind.

        Raises:
            AnalysisError: the measurement cannot go on.
        """
        if ticket.task_id:
            return await self._poll(ticket, question)
        return await self._submit(ticket, question, first=first)

    async def cancel(self, ticket: Ticket, question: Question) -> None:
        """Tells the agent that nobody waits for the task any more; a ticket without one is left be.

        An agent that cannot be told is no error: our own ends the task when its lease runs out.
        """
        if not ticket.task_id:
            return
        try:
            card = read_card(ticket.card)
            await _logged(
                "CancelTask",
                question,
                self._client.cancel_task(
                    card, ticket.task_id, question.credentials, _within(CALL_SECONDS)
                ),
            )
        except (AgentClientError, CardTextError) as error:
            log.info("The agent could not be told to cancel: %s", error, extra=about(ticket))

    async def _submit(self, ticket: Ticket, question: Question, *, first: bool) -> Step:
        card = await self._card(question)
        ticket = replace(ticket, card=write_card(card), last_contact=self._clock())
        # Our own agent starts one analysis for one messageId, so the first try need not look first.
        if not (first and EXTENSION_URI in card.extensions):
            found, ticket = await self._look(card, ticket, question)
            if found is not None:
                log.info("Going on with a task that an earlier try has left", extra=about(found))
                return Step(found, None)
        try:
            answer = await self._send(card, ticket, question)
        except AgentUnreachable as error:
            return await self._after_lost_reply(ticket, question, error)
        except AgentClientError as error:
            raise AnalysisError(f"{ANALYSIS_FAILED}: {error}") from error
        return self._step(ticket, answer)

    async def _look(
        self, card: AgentCard, ticket: Ticket, question: Question
    ) -> tuple[Ticket | None, Ticket]:
        """The ticket of a task to adopt, if there is one, and the ticket for a new attempt."""
        try:
            tasks = await _logged(
                "ListTasks",
                question,
                self._client.list_tasks(
                    card, ticket.context_id, question.credentials, _within(CALL_SECONDS)
                ),
            )
        except AgentClientError as error:
            raise AnalysisError(f"{ANALYSIS_FAILED}: {error}") from error
        if isinstance(tasks, Unsupported):
            return None, ticket
        task = adoptable(tasks, question.request.run.uid)
        if task is not None:
            return replace(ticket, task_id=task.id), ticket
        used = spent(tasks, question.request.run.uid)
        return None, replace(ticket, attempt=max(ticket.attempt, used + 1))

    async def _send(self, card: AgentCard, ticket: Ticket, question: Question) -> Task | Message:
        extended = EXTENSION_URI in card.extensions
        left = (ticket.deadline - self._clock()).total_seconds()
        message = OutgoingMessage(
            context_id=ticket.context_id,
            message_id=ticket.message_id,
            text=question_text(question.request),
            # Some servers fail on any data part, so only those get one that ask for it.
            data=question.request.to_json() if extended else None,
            data_media_type=REQUEST_MEDIA_TYPE,
            accepted_output_modes=(VERDICT_MEDIA_TYPE, "application/json", "text/plain"),
            extensions=(EXTENSION_URI,) if extended else (),
        )
        # Others may ignore returnImmediately and answer when all is done.
        patience = CALL_SECONDS if extended else max(left, 1.0)
        log.debug("Request", extra={"request": question.request.to_json(), **about(ticket)})
        return await _logged(
            "SendMessage",
            question,
            self._client.send(card, message, question.credentials, _within(patience)),
        )

    async def _after_lost_reply(
        self, ticket: Ticket, question: Question, lost: AgentUnreachable
    ) -> Step:
        # Nobody knows whether the agent has the message. A card that was kept may be out of date, so
        # it is fetched again; then the task is looked for before the same message goes out again.
        self._cards.pop(_card_key(question), None)
        card = await self._card(question)
        found, ticket = await self._look(card, ticket, question)
        if found is not None:
            return Step(found, None)
        log.info("The agent's reply was lost (%s): sending again", lost, extra=about(ticket))
        try:
            answer = await self._send(card, ticket, question)
        except AgentClientError as error:
            raise AnalysisError(f"{ANALYSIS_FAILED}: {error}") from error
        return self._step(ticket, answer)

    async def _poll(self, ticket: Ticket, question: Question) -> Step:
        try:
            card = read_card(ticket.card)
            task = await _logged(
                "GetTask",
                question,
                self._client.get_task(
                    card, ticket.task_id, question.credentials, _within(CALL_SECONDS)
                ),
            )
        except TaskNotFound:
            return await self._resubmit(ticket, question, "the agent no longer knows the task")
        except CardTextError as error:
            raise AnalysisError(f"{ANALYSIS_FAILED}: {error}") from error
        except AgentClientError as error:
            return self._no_contact(ticket, error)
        step = self._step(ticket, task)
        silent_since = step.ticket.sign_seen
        if (
            task.state in OPEN
            and EXTENSION_URI in card.extensions
            and silent_since is not None
            and self._clock() - silent_since > SIGN_OF_LIFE
        ):
            await self.cancel(ticket, question)
            return await self._resubmit(
                ticket, question, f"no sign of life for {SIGN_OF_LIFE.total_seconds():g} s"
            )
        return step

    async def _resubmit(self, ticket: Ticket, question: Question, why: str) -> Step:
        if ticket.resubmissions >= MAX_RESUBMISSIONS:
            raise AnalysisError(f"{ANALYSIS_FAILED}: {why}, after {ticket.attempt} attempts")
        log.warning("Submitting again: %s", why, extra=about(ticket))
        return await self._submit(ticket.resubmitted(), question, first=True)

    def _no_contact(self, ticket: Ticket, error: AgentClientError) -> Step:
        away = self._clock() - ticket.last_contact
        if not error.retryable:
            raise AnalysisError(f"{ANALYSIS_FAILED}: {error}") from error
        if away > SILENCE:
            raise AnalysisError(
                f"{ANALYSIS_FAILED}: no contact for {away.total_seconds():.0f} s: {error}"
            ) from error
        log.warning("No contact with the agent: %s", error, extra=about(ticket))
        # Waits grow with the time away, so that an agent that comes back is not met by a crowd.
        wait = max(away.total_seconds() / 4, getattr(error, "retry_after", None) or 0.0)
        return Step(ticket, None, wait)

    def _step(self, ticket: Ticket, answer: Task | Message) -> Step:
        now = self._clock()
        ticket = replace(ticket, last_contact=now)
        if isinstance(answer, Task):
            card = with_version(ticket.card, answer.protocol_version)
            ticket = replace(ticket, task_id=answer.id, card=card)
            sign = answer.timestamp.isoformat() if answer.timestamp else ""
            if ticket.sign_seen is None or sign != ticket.sign:
                ticket = replace(ticket, sign=sign, sign_seen=now)
        return Step(ticket, answer)

    async def _card(self, question: Question) -> AgentCard:
        key = _card_key(question)
        cached = self._cards.get(key)
        if cached is not None and self._clock() - cached[1] < CARD_LIFE:
            return cached[0]
        try:
            card = await _logged(
                "Health check",
                question,
                self._client.fetch_card(
                    question.agent_url, question.credentials, _within(CARD_SECONDS)
                ),
            )
        except AgentClientError as error:
            raise AnalysisError(f"{HEALTH_FAILED}: {error}") from error
        if len(self._cards) >= _CACHED_CARDS:
            self._cards.clear()
        self._cards[key] = (card, self._clock())
        return card


def about(ticket: Ticket) -> dict[str, object]:
    """The fields by which log lines of one measurement are found."""
    return {"context": ticket.context_id, "task": ticket.task_id, "attempt": ticket.attempt}


def _card_key(question: Question) -> tuple[str, Credentials]:
    return question.agent_url, question.credentials


def _within(seconds: float) -> float:
    """The client's deadline, on the event loop's clock."""
    return asyncio.get_running_loop().time() + seconds


async def _logged(what: str, question: Question, call: Awaitable[T]) -> T:
    """The call's result; at debug the log says what came back and how long it took."""
    began = asyncio.get_running_loop().time()
    try:
        result = await call
    except AgentClientError as error:
        log.debug("%s failed after %.3f s: %s", what, _since(began), error)
        raise
    if log.isEnabledFor(logging.DEBUG):
        shown = without(clip(repr(result), 2048), question.credentials.secrets)
        log.debug("%s took %.3f s", what, _since(began), extra={"answer": shown})
    return result


def _since(began: float) -> float:
    return asyncio.get_running_loop().time() - began
