"""The client itself: one method for each thing that a plugin asks an agent."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from ._address import HostPolicy, parse_address
from ._binding import Binding
from ._card import WELL_KNOWN, WELL_KNOWN_OLD, read_card
from ._credentials import Credentials
from ._dialect import Call, cancel_call, get_call, list_call, send_call
from ._errors import (
    AddressRefused,
    AgentRefused,
    MethodNotSupported,
    OperationNotSupported,
    ProtocolViolation,
)
from ._http import HttpClient
from ._limits import DEFAULT_LIMITS, ClientLimits
from ._model import REST, V03, V1, AgentCard, Message, OutgoingMessage, Task, Unsupported
from ._parse import parse_send_result, parse_task
from ._text import kind_of, snippet

_MAX_LEARNT = 256

# How agents without ListTasks refuse it, besides saying so.
_NOT_SERVED = frozenset({404, 405, 501})
_INVALID_PARAMS = -32602


class AgentClient:
    """Speaks A2A 1.0 and 0.3 to any number of agents, from one asyncio loop.

    Every method takes the credentials of the agent and a deadline on the running loop's clock
    (`asyncio.get_running_loop().time() + seconds`), which holds for the call as a whole. Nothing is
    ever sent twice, but for one case: an agent that does not know a method or a version is asked once
    more in the other version, and that is remembered.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        host_policy: HostPolicy | None = None,
        max_in_flight: int = 8,
        limits: ClientLimits = DEFAULT_LIMITS,
    ) -> None:
        """Opens nothing yet.

        Args:
            user_agent: the User-Agent header.
            host_policy: where requests may go; by default HostPolicy's own rules.
            max_in_flight: requests at work at once, 1 or more; others wait for their turn.
            limits: all other bounds.
        """
        self._policy = host_policy or HostPolicy()
        self._limits = limits
        self._http = HttpClient(self._policy, user_agent, max_in_flight, limits)
        self._binding = Binding(self._http, limits)
        self._learnt: OrderedDict[str, str] = OrderedDict()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def prepare(self) -> None:
        """Imports the HTTP engine in a thread (15 ms), which the first request does otherwise."""
        await self._http.prepare()

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._http.aclose()

    def allows_rpc(self, agent_url: str, rpc_url: str) -> bool:
        """Whether a card of the agent at `agent_url` may name `rpc_url`, by the host policy."""
        try:
            agent = parse_address(agent_url)
            rpc = parse_address(rpc_url, query=True)
        except AddressRefused:
            return False
        return self._policy.allows_rpc(agent, rpc)

    async def fetch_card(
        self, agent_url: str, auth: Credentials | None, deadline: float
    ) -> AgentCard:
        """The card of the agent at `agent_url`.

        Raises:
            AddressRefused: `agent_url` or the address that the card names is not allowed.
            AgentUnreachable: nobody answers there.
            AgentRefused: an HTTP error, 404 included.
            ProtocolViolation: what is there is no card that this client understands.
        """
        agent = parse_address(agent_url)
        base = agent.target.rstrip("/")
        try:
            document = await self._binding.get(agent.with_target(base + WELL_KNOWN), auth, deadline)
        except AgentRefused as error:
            if error.status != 404:
                raise
            try:
                document = await self._binding.get(
                    agent.with_target(base + WELL_KNOWN_OLD), auth, deadline
                )
            except AgentRefused:
                raise error from None
        return read_card(document, agent, self._policy)

    async def send(
        self, card: AgentCard, message: OutgoingMessage, auth: Credentials | None, deadline: float
    ) -> Task | Message:
        """Sends `message` and asks the agent not to wait for the task's end.

        Agents that wait all the same make this call last until their answer or the deadline.

        Raises:
            AgentUnreachable: no answer; nobody knows whether the message was taken.
            AgentRefused, MethodNotSupported, ProtocolViolation, AddressRefused: as their classes say.
        """
        result, version = await self._call(
            card, lambda version: send_call(version, message), auth, deadline
        )
        return parse_send_result(result, version, self._limits)

    async def get_task(
        self,
        card: AgentCard,
        task_id: str,
        auth: Credentials | None,
        deadline: float,
        *,
        history: int = 0,
    ) -> Task:
        """The task as it is now, with what the agent has said last where `history` is not 0.

        Raises:
            TaskNotFound: the agent does not know it.
            AgentUnreachable, AgentRefused, MethodNotSupported, ProtocolViolation, AddressRefused: as
                their classes say.
        """
        result, version = await self._call(
            card, lambda version: get_call(version, task_id, history), auth, deadline
        )
        return self._task(result, task_id, version)

    async def cancel_task(
        self, card: AgentCard, task_id: str, auth: Credentials | None, deadline: float
    ) -> Task:
        """Asks for the task's end; the task returned may still be open.

        Raises:
            TaskNotFound: the agent does not know it.
            TaskNotCancelable: it has ended already.
            AgentUnreachable, AgentRefused, MethodNotSupported, ProtocolViolation, AddressRefused: as
                their classes say.
        """
        result, version = await self._call(
            card, lambda version: cancel_call(version, task_id), auth, deadline
        )
        return self._task(result, task_id, version)

    async def list_tasks(
        self, card: AgentCard, context_id: str, auth: Credentials | None, deadline: float
    ) -> list[Task] | Unsupported:
        """All tasks of one context, with their artifacts, as far as 4 pages of 50 reach.

        0.3 knows no such method, and agents of 1.0 may lack it: both give `Unsupported`. Tasks of other
        contexts, which some agents list as well, are left out.

        Raises:
            AgentUnreachable, AgentRefused, ProtocolViolation, AddressRefused: as their classes say.
        """
        if self._version(card) != V1:
            return Unsupported("A2A 0.3 has no ListTasks")
        tasks: list[Task] = []
        token = ""
        for _ in range(self._limits.max_pages):
            try:
                page = await self._binding.exchange(
                    card, V1, list_call(context_id, token), auth, deadline
                )
            except MethodNotSupported as error:
                return Unsupported(str(error))
            except AgentRefused as error:
                if error.status in _NOT_SERVED or error.code == _INVALID_PARAMS:
                    return Unsupported(str(error))
                raise
            if not isinstance(page, Mapping):
                raise ProtocolViolation(f"found {kind_of(page)} as a list of tasks")
            listed = page.get("tasks")
            found = [
                parse_task(entry, V1, self._limits)
                for entry in (listed if isinstance(listed, list) else [])
            ]
            tasks += [task for task in found if task.context_id == context_id]
            next_token = page.get("nextPageToken")
            if not isinstance(next_token, str) or not next_token or next_token == token:
                break
            token = next_token
        return tasks

    async def check_rest_health(
        self, agent_url: str, auth: Credentials | None, deadline: float
    ) -> AgentCard:
        """Asks an agent of the older dialect whether it is well; any 2xx answer will do.

        Returns:
            A card with the transport `REST`, made by hand: the dialect has none.

        Raises:
            AddressRefused, AgentUnreachable, AgentRefused, ProtocolViolation: as their classes say.
        """
        agent = parse_address(agent_url)
        base = agent.target.rstrip("/")
        await self._binding.touch(agent.with_target(f"{base}/a2a/health"), auth, deadline)
        return AgentCard(url=agent.origin + base, transport=REST)

    async def analyze_rest(
        self,
        card: AgentCard,
        question: Mapping[str, object],
        auth: Credentials | None,
        deadline: float,
    ) -> object:
        """The older dialect's one call: the agent answers when all is done, often after minutes.

        Raises:
            AddressRefused, AgentUnreachable, AgentRefused, ProtocolViolation: as their classes say.
        """
        address = parse_address(f"{card.url}/a2a/analyze", "the agent's address")
        return await self._binding.post(address, question, auth, deadline)

    def _task(self, result: object, task_id: str, version: str) -> Task:
        # Some agents wrap a task here as they do after a send.
        if isinstance(result, Mapping) and isinstance(result.get("task"), Mapping):
            result = result["task"]
        task = parse_task(result, version, self._limits)
        if task.id != task_id:
            raise ProtocolViolation(
                f"found the task {snippet(task.id, limit=80)!r}, expected the one that was asked for, "
                f"{snippet(task_id, limit=80)!r}"
            )
        return task

    def _version(self, card: AgentCard) -> str:
        return self._learnt.get(card.url, card.protocol_version)

    async def _call(
        self,
        card: AgentCard,
        make: Callable[[str], Call],
        auth: Credentials | None,
        deadline: float,
    ) -> tuple[object, str]:
        """The result of a call, and the version it was spoken in."""
        version = self._version(card)
        try:
            return await self._binding.exchange(
                card, version, make(version), auth, deadline
            ), version
        except OperationNotSupported:
            raise
        except MethodNotSupported as first:
            other = V03 if version == V1 else V1
            try:
                result = await self._binding.exchange(card, other, make(other), auth, deadline)
            except MethodNotSupported:
                raise first from None
        self._learnt[card.url] = other
        self._learnt.move_to_end(card.url)
        if len(self._learnt) > _MAX_LEARNT:
            self._learnt.popitem(last=False)
        return result, other
