"""The calls that a measurement makes to an agent, each with its deadline and a line in the log."""

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
    CanaryVerdict,
    ContractError,
    clip,
)

from .a2a_client import (
    REST,
    AgentCard,
    AgentClient,
    AgentClientError,
    AgentRefused,
    Credentials,
    Message,
    OutgoingMessage,
    ProtocolViolation,
    Task,
    TaskState,
    UnreadableAnswer,
    Unsupported,
)
from .adoption import has_verdict
from .attaching import LazyAttacher
from .card_text import CardTextError, read_card
from .clock import Clock
from .older_dialect import older_question, older_verdict
from .question import question_text
from .summary import without
from .ticket import Ticket

T = TypeVar("T")
log = logging.getLogger(__name__)

CALL_SECONDS = 10.0
CARD_LIFE = timedelta(seconds=30)
HISTORY = 10
"""Messages of a task's history that are asked for, where nothing else of it can hold the answer;
langgraph-api refuses to give more."""
_ASKED_AGAIN = 5
_CACHED_CARDS = 256


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, of whom, how, and with which credentials.

    Attributes:
        protocol: `auto`, `a2a` or `rest`.
        attach_logs: whether logs are read and sent along; they are not kept in `request`.
    """

    agent_url: str
    protocol: str
    credentials: Credentials
    request: CanaryRequest
    attach_logs: bool = False


class Agents:
    """All agents; remembers their cards for `CARD_LIFE` and nothing else."""

    def __init__(self, client: AgentClient, attacher: LazyAttacher, clock: Clock) -> None:
        self._client = client
        self._attacher = attacher
        self._clock = clock
        self._cards: dict[tuple[str, str, Credentials], tuple[AgentCard, datetime]] = {}

    async def card(self, question: Question) -> AgentCard:
        """The agent's card; asking for it is the health check.

        With `auto`, an agent that serves no card is asked for the older dialect's health.

        Raises:
            AgentClientError: the agent is not there, or not well.
        """
        key = _key(question)
        cached = self._cards.get(key)
        if cached is not None and self._clock() - cached[1] < CARD_LIFE:
            return cached[0]
        card = await _logged("Health check", question, self._check_health(question))
        if len(self._cards) >= _CACHED_CARDS:
            self._cards.clear()
        self._cards[key] = (card, self._clock())
        return card

    def forget(self, question: Question) -> None:
        """The agent's card may be out of date."""
        self._cards.pop(_key(question), None)

    async def send(
        self, card: AgentCard, ticket: Ticket, question: Question
    ) -> Task | Message | CanaryVerdict:
        """Asks the question. Agents of the older dialect answer with their verdict, when all is done.

        Raises:
            AgentClientError: no answer, or none that can be read.
        """
        log.debug("Request", extra={"request": question.request.to_json(), **about(ticket)})
        question = await self._with_logs(question)
        left = max((ticket.deadline - self._clock()).total_seconds(), 1.0)
        if card.transport == REST:
            return await _logged(
                "POST /a2a/analyze", question, self._ask_older(card, question, left)
            )
        extended = EXTENSION_URI in card.extensions
        message = OutgoingMessage(
            context_id=ticket.context_id,
            message_id=ticket.message_id,
            text=question_text(question.request, data_beside=extended),
            # Some servers fail on any data part, so only those get one that ask for it.
            data=question.request.to_json() if extended else None,
            data_media_type=REQUEST_MEDIA_TYPE,
            accepted_output_modes=(VERDICT_MEDIA_TYPE, "application/json", "text/plain"),
            extensions=(EXTENSION_URI,) if extended else (),
        )
        # Others than ours may ignore returnImmediately and answer when all is done.
        patience = _within(CALL_SECONDS if extended else left)
        call = self._client.send(card, message, question.credentials, patience)
        return await _logged("SendMessage", question, call)

    async def task(self, ticket: Ticket, question: Question) -> Task:
        """The ticket's task as it is now.

        Raises:
            AgentClientError: the agent cannot say; TaskNotFound where it knows no such task.
            CardTextError: the ticket's card cannot be read.
        """
        card = self._kept_card(ticket, question)
        call = self._client.get_task(
            card, ticket.task_id, question.credentials, _within(CALL_SECONDS)
        )
        return await self._with_answer(card, await _logged("GetTask", question, call), question)

    async def tasks(
        self, card: AgentCard, ticket: Ticket, question: Question
    ) -> list[Task] | Unsupported:
        """The tasks of the ticket's context, where the agent can list them.

        Raises:
            AgentClientError: the agent cannot say.
        """
        if card.transport == REST:
            return Unsupported("the older dialect has no tasks")
        call = self._client.list_tasks(
            card, ticket.context_id, question.credentials, _within(CALL_SECONDS)
        )
        tasks = await _logged("ListTasks", question, call)
        if isinstance(tasks, list):
            tasks[:_ASKED_AGAIN] = [
                await self._with_answer(card, task, question) for task in tasks[:_ASKED_AGAIN]
            ]
        return tasks

    async def cancel(self, ticket: Ticket, question: Question) -> None:
        """Tells the agent that nobody waits for the task any more.

        Raises:
            AgentClientError: it could not be told.
            CardTextError: the ticket's card cannot be read.
        """
        card = self._kept_card(ticket, question)
        call = self._client.cancel_task(
            card, ticket.task_id, question.credentials, _within(CALL_SECONDS)
        )
        await _logged("CancelTask", question, call)

    def _kept_card(self, ticket: Ticket, question: Question) -> AgentCard:
        """The ticket's card, which people can edit: its address is held to the rule for cards."""
        card = read_card(ticket.card)
        if not self._client.allows_rpc(question.agent_url, card.url):
            raise CardTextError(
                "the measurement's agentCard names an address that agentUrl may not"
            )
        return card

    async def _with_answer(self, card: AgentCard, task: Task, question: Question) -> Task:
        """The task; asked for again where it has ended and only its history can hold the answer."""
        if task.state is not TaskState.COMPLETED or task.artifacts:
            return task
        if has_verdict(task, question.request.run.uid):
            return task
        call = self._client.get_task(
            card, task.id, question.credentials, _within(CALL_SECONDS), history=HISTORY
        )
        try:
            return await _logged("GetTask with history", question, call)
        except AgentClientError as error:
            if error.retryable:
                raise
            return task  # an agent that keeps no history may say so by an error

    async def _with_logs(self, question: Question) -> Question:
        """The question with logs where they are asked for; read anew for each sending."""
        if not question.attach_logs:
            return question
        secrets = question.credentials.secrets
        return replace(question, request=await self._attacher.attach(question.request, secrets))

    async def _check_health(self, question: Question) -> AgentCard:
        url, credentials = question.agent_url, question.credentials
        if question.protocol == "rest":
            return await self._client.check_rest_health(url, credentials, _within(CALL_SECONDS))
        try:
            return await self._client.fetch_card(url, credentials, _within(CALL_SECONDS))
        except (AgentRefused, ProtocolViolation) as no_card:
            if question.protocol == "a2a":
                raise
            try:
                return await self._client.check_rest_health(url, credentials, _within(CALL_SECONDS))
            except AgentClientError:
                raise no_card from None

    async def _ask_older(
        self, card: AgentCard, question: Question, seconds: float
    ) -> CanaryVerdict:
        answer = await self._client.analyze_rest(
            card, older_question(question.request), question.credentials, _within(seconds)
        )
        try:
            return older_verdict(answer, question.request.run.uid)
        except ContractError as error:
            raise UnreadableAnswer(f"the answer cannot be used: {error}") from error


def about(ticket: Ticket) -> dict[str, object]:
    """The fields by which log lines of one measurement are found."""
    return {"context": ticket.context_id, "task": ticket.task_id, "attempt": ticket.attempt}


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


def _key(question: Question) -> tuple[str, str, Credentials]:
    return question.agent_url, question.protocol, question.credentials


def _within(seconds: float) -> float:
    """The client's deadline, on the event loop's clock."""
    return asyncio.get_running_loop().time() + seconds


def _since(began: float) -> float:
    return asyncio.get_running_loop().time() - began
