"""One step of the talk with an agent: submit a question, or ask how its task is doing.

Nothing here knows measurements: `Exchange.advance` takes a ticket and brings back a ticket and what
the agent said. Errors that end the measurement are `AnalysisError`; a lost contact is no error.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from canary_verdict import EXTENSION_URI, CanaryVerdict

from .a2a_client import (
    REST,
    AgentCard,
    AgentClientError,
    AgentRefused,
    AgentUnreachable,
    Message,
    Task,
    TaskNotFound,
    Unsupported,
)
from .adoption import OPEN, adoptable, spent
from .agents import Agents, Question, about
from .card_text import CardTextError, read_card, with_version, write_card
from .clock import Clock
from .ticket import Ticket

log = logging.getLogger(__name__)

HEALTH_FAILED = "Kubernetes Agent health check failed"
ANALYSIS_FAILED = "A2A agent analysis failed"

SILENCE = timedelta(seconds=120)
"""So long an agent may be out of reach while a task of it is open."""
SIGN_OF_LIFE = timedelta(seconds=60)
MAX_RESUBMISSIONS = 1
"""Attempts a measurement: the first, and one that replaces a lost task."""


class AnalysisError(Exception):
    """The measurement ends in an Error; the text is its message."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one step brought.

    Attributes:
        ticket: to be kept for the next step.
        answer: the agent's task, message or verdict; None when there was no contact.
        wait: seconds that the agent asked to be left alone, 0 where it did not.
        since: the contact before this one; what has changed has changed after it.
    """

    ticket: Ticket
    answer: Task | Message | CanaryVerdict | None
    wait: float = 0.0
    since: datetime | None = None


class Exchange:
    """Decides what to say to an agent next. Keeps nothing: all that matters is in the ticket."""

    def __init__(self, agents: Agents, clock: Clock) -> None:
        self._agents = agents
        self._clock = clock

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
        """Tells the agent that nobody waits for the task any more.

        A task whose name never came is looked for. An agent that cannot be told is no error: our own
        ends the task when its lease runs out.
        """
        try:
            for begun in await self._begun(ticket, question):
                await self._agents.cancel(begun, question)
        except (AgentClientError, CardTextError) as error:
            log.info("The agent could not be told to cancel: %s", error, extra=about(ticket))

    async def _begun(self, ticket: Ticket, question: Question) -> list[Ticket]:
        if ticket.task_id:
            return [ticket]
        card = await self._agents.card(question)
        ticket = replace(ticket, card=write_card(card))
        tasks = await self._agents.tasks(card, ticket, question)
        if isinstance(tasks, Unsupported):
            return []
        return [replace(ticket, task_id=task.id) for task in tasks if task.state in OPEN]

    async def _submit(self, ticket: Ticket, question: Question, *, first: bool) -> Step:
        card = await self._card(question)
        ticket = replace(ticket, card=write_card(card), last_contact=self._clock())
        if card.transport == REST and ticket.sends > 1 + MAX_RESUBMISSIONS:
            # The answers went to processes that are gone, and the dialect has no tasks to ask for.
            raise AnalysisError(
                f"{ANALYSIS_FAILED}: the plugin was started anew during the analysis, "
                f"after {ticket.sends - 1} attempts"
            )
        # Our own agent starts one analysis for one messageId, so the first try need not look first.
        if not (first and EXTENSION_URI in card.extensions):
            found, ticket = await self._look(card, ticket, question)
            if found is not None:
                log.info("Going on with a task that an earlier try has left", extra=about(found))
                return Step(found, None)
        try:
            answer = await self._agents.send(card, ticket, question)
        except AgentUnreachable as error:
            return await self._after_lost_reply(ticket, question, error)
        except AgentClientError as error:
            raise AnalysisError(f"{ANALYSIS_FAILED}: {error}") from error
        return self._step(ticket, answer)

    async def _card(self, question: Question) -> AgentCard:
        try:
            return await self._agents.card(question)
        except AgentClientError as error:
            raise AnalysisError(f"{HEALTH_FAILED}: {error}") from error

    async def _look(
        self, card: AgentCard, ticket: Ticket, question: Question
    ) -> tuple[Ticket | None, Ticket]:
        """The ticket of a task to adopt, if there is one, and the ticket for a new attempt."""
        try:
            tasks = await self._agents.tasks(card, ticket, question)
        except AgentClientError as error:
            raise AnalysisError(f"{ANALYSIS_FAILED}: {error}") from error
        if isinstance(tasks, Unsupported):
            return None, ticket
        task = adoptable(tasks, question.request.run.uid)
        if task is not None:
            return replace(ticket, task_id=task.id), ticket
        used = spent(tasks, question.request.run.uid)
        return None, replace(ticket, attempt=max(ticket.attempt, used + 1))

    async def _after_lost_reply(
        self, ticket: Ticket, question: Question, lost: AgentUnreachable
    ) -> Step:
        # Nobody knows whether the agent has the message. A card that was kept may be out of date, so
        # it is fetched again; then the task is looked for before the same message goes out again.
        self._agents.forget(question)
        card = await self._card(question)
        found, ticket = await self._look(card, ticket, question)
        if found is not None:
            return Step(found, None)
        log.info("The agent's reply was lost (%s): sending again", lost, extra=about(ticket))
        try:
            answer = await self._agents.send(card, ticket, question)
        except AgentClientError as error:
            raise AnalysisError(f"{ANALYSIS_FAILED}: {error}") from error
        return self._step(ticket, answer)

    async def _poll(self, ticket: Ticket, question: Question) -> Step:
        try:
            task = await self._agents.task(ticket, question)
        except TaskNotFound:
            return await self._resubmit(ticket, question, "the agent no longer knows the task")
        except CardTextError as error:
            raise AnalysisError(f"{ANALYSIS_FAILED}: {error}") from error
        except AgentClientError as error:
            return self._no_contact(ticket, question, error)
        step = self._step(ticket, task)
        if task.state in OPEN and self._is_silent(step.ticket):
            await self.cancel(ticket, question)
            why = f"no sign of life for {SIGN_OF_LIFE.total_seconds():g} s"
            return await self._resubmit(ticket, question, why)
        return step

    def _is_silent(self, ticket: Ticket) -> bool:
        """Whether an agent that declares our extension, and so gives signs of life, gives none."""
        if ticket.sign_seen is None or EXTENSION_URI not in read_card(ticket.card).extensions:
            return False
        return self._clock() - ticket.sign_seen > SIGN_OF_LIFE

    async def _resubmit(self, ticket: Ticket, question: Question, why: str) -> Step:
        return await self._submit(self._next_attempt(ticket, why), question, first=True)

    def _next_attempt(self, ticket: Ticket, why: str) -> Ticket:
        if ticket.resubmissions >= MAX_RESUBMISSIONS:
            raise AnalysisError(f"{ANALYSIS_FAILED}: {why}, after {ticket.attempt} attempts")
        log.warning("Submitting again: %s", why, extra=about(ticket))
        return ticket.resubmitted()

    def _no_contact(self, ticket: Ticket, question: Question, error: AgentClientError) -> Step:
        away = self._clock() - ticket.last_contact
        if not error.retryable:
            raise AnalysisError(f"{ANALYSIS_FAILED}: {error}") from error
        if away > SILENCE:
            raise AnalysisError(
                f"{ANALYSIS_FAILED}: no contact for {away.total_seconds():.0f} s: {error}"
            ) from error
        run = question.request.run
        ids = {**about(ticket), "namespace": run.namespace, "run": run.name}
        log.warning("No contact with the agent: %s", error, extra=ids)
        # Waits grow with the time away, so that an agent that comes back is not met by a crowd.
        asked = error.retry_after if isinstance(error, AgentRefused) else None
        return Step(ticket, None, max(away.total_seconds() / 4, asked or 0.0))

    def _step(self, ticket: Ticket, answer: Task | Message | CanaryVerdict) -> Step:
        now, since = self._clock(), ticket.last_contact
        ticket = replace(ticket, last_contact=now)
        if isinstance(answer, Task):
            card = with_version(ticket.card, answer.protocol_version)
            ticket = replace(ticket, task_id=answer.id, card=card)
            sign = answer.timestamp.isoformat() if answer.timestamp else ""
            if ticket.sign_seen is None or sign != ticket.sign:
                ticket = replace(ticket, sign=sign, sign_seen=now)
        return Step(ticket, answer, since=since)
