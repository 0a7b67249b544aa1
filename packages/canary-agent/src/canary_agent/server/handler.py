"""What the A2A methods do: each looks at the durable state and nowhere else."""

import asyncio
import functools
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from a2a.server.context import ServerCallContext
from a2a.server.request_handlers.request_handler import validate_request_params
from a2a.types import (
    CancelTaskRequest,
    GetTaskRequest,
    InternalError,
    InvalidParamsError,
    ListTasksRequest,
    ListTasksResponse,
    Message,
    PushNotificationNotSupportedError,
    SendMessageRequest,
    Task,
    TaskNotCancelableError,
    TaskNotFoundError,
    UnsupportedOperationError,
)
from a2a.utils.errors import A2AError
from a2a.utils.task import validate_history_length
from typing_extensions import override

from canary_agent.store import AnalysisEngine, NewTask, TaskRecord
from canary_verdict import ContractError

from .answers import show_task
from .asking import new_task
from .origin import Origin
from .paging import next_token, page_query
from .reading import read_request
from .refusals import Refusals
from .waiting import Waiting

LONGEST_ID = 256

logger = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")


def _guarded(method: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Keeps what goes wrong inside the agent out of its answers; the log has it."""

    @functools.wraps(method)
    async def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await method(*args, **kwargs)
        except A2AError:
            raise
        except Exception as error:
            logger.exception("cannot answer")
            raise InternalError("the agent cannot answer now; its log says why") from error

    return guarded


class CanaryRequestHandler(Refusals):
    """The agent's A2A methods over its durable tasks, the same for both versions and transports.

    Args:
        engine: a launched engine.
        waiting: where those wait who ask for the final state.
        longest_wait: seconds that a blocking SendMessage waits for the final state at most; the
            task is answered as it stands then, and GetTask goes on from there.
        origin: by which verdicts name their report.
    """

    def __init__(
        self,
        engine: AnalysisEngine,
        waiting: Waiting,
        longest_wait: float = 300.0,
        origin: Origin | None = None,
    ) -> None:
        self._engine = engine
        self._waiting = waiting
        self._longest_wait = longest_wait
        self._origin = origin or Origin()

    @override
    @validate_request_params
    @_guarded
    async def on_message_send(
        self, params: SendMessageRequest, context: ServerCallContext
    ) -> Task | Message:
        """Starts an analysis, or finds the one that the same messageId started."""
        if params.configuration.HasField("task_push_notification_config"):
            raise PushNotificationNotSupportedError
        trace = str(context.state.get("headers", {}).get("traceparent", ""))
        new = await self._read(params.message, trace)
        record = await asyncio.to_thread(self._engine.submit, new)
        if not params.configuration.return_immediately:
            record = await self._waiting.until_final(record, self._longest_wait)
        return self._show(record, context)

    @override
    @validate_request_params
    @_guarded
    async def on_get_task(self, params: GetTaskRequest, context: ServerCallContext) -> Task | None:
        """The task as it stands; asking renews its lease."""
        validate_history_length(params)
        return self._show(await self._find(params.id), context)

    @override
    @validate_request_params
    @_guarded
    async def on_list_tasks(
        self, params: ListTasksRequest, context: ServerCallContext
    ) -> ListTasksResponse:
        """Tasks, newest change first; listing renews no lease."""
        validate_history_length(params)
        query = page_query(params)
        if query is None:
            return ListTasksResponse(page_size=params.page_size)
        page = await asyncio.to_thread(self._engine.tasks.find, query)
        return ListTasksResponse(
            tasks=[
                self._show(task, context, artifacts=params.include_artifacts)
                for task in page.records
            ],
            total_size=page.total,
            page_size=query.limit,
            next_page_token=next_token(page.records[-1]) if page.more else "",
        )

    @override
    @validate_request_params
    @_guarded
    async def on_cancel_task(
        self, params: CancelTaskRequest, context: ServerCallContext
    ) -> Task | None:
        """Ends a task and stops its analysis; a final state stays what it is."""
        record = await self._find(params.id)
        reason = "canceled by the client"
        if not await asyncio.to_thread(self._engine.cancel, record.id, reason):
            raise TaskNotCancelableError(f"the task is {(await self._find(params.id)).state}")
        return self._show(await self._find(params.id), context)

    async def _read(self, message: Message, trace: str) -> NewTask:
        for name, value in (("messageId", message.message_id), ("contextId", message.context_id)):
            if len(value) > LONGEST_ID:
                raise InvalidParamsError(
                    f"{name}: found {len(value)} characters, expected at most {LONGEST_ID}"
                )
            if "\0" in value:  # which no text of PostgreSQL may hold
                raise InvalidParamsError(f"{name}: found a NUL character, expected none")
        if message.task_id:
            record = await self._find(message.task_id)
            raise UnsupportedOperationError(
                f"an analysis takes no further messages; this one is {record.state}"
            )
        try:
            request = await asyncio.to_thread(read_request, message)
        except ContractError as error:
            raise InvalidParamsError(f"no canary request: {error}") from error
        context_id = message.context_id or str(uuid.uuid4())
        return new_task(request, message.message_id, context_id, trace)

    async def _find(self, task_id: str) -> TaskRecord:
        record = await asyncio.to_thread(self._engine.get, task_id)
        if record is None:
            raise TaskNotFoundError
        return record

    def _show(
        self, record: TaskRecord, context: ServerCallContext, *, artifacts: bool = True
    ) -> Task:
        host = str(context.state.get("headers", {}).get("host", ""))
        return show_task(
            record,
            self._engine.last_sign(record),
            artifacts=artifacts,
            report_link=self._origin.report(record.id, host),
        )
