"""POST /a2a/analyze: one blocking call over the same durable tasks as A2A."""

import asyncio
import json
import logging
import uuid
from datetime import UTC, datetime
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from canary_agent.store import DEADLINE_PASSED, AnalysisEngine, TaskRecord, TaskState
from canary_verdict import ContractError

from .asking import new_task
from .older_dialect import OlderQuestion, answer, read_question
from .waiting import Waiting

RETRY_SECONDS = 5

logger = logging.getLogger(__name__)


class OlderEndpoint:
    """The older dialect's one call.

    Args:
        engine: a launched engine.
        waiting: where the calls wait.
    """

    def __init__(self, engine: AnalysisEngine, waiting: Waiting) -> None:
        self._engine = engine
        self._waiting = waiting

    async def analyze(self, request: Request) -> Response:
        """Answers when the verdict is there; a client that hangs up leaves the task to its lease."""
        try:
            return await self._analyze(request)
        except ContractError as error:
            return _failure(HTTPStatus.BAD_REQUEST, f"no question: {error}")
        except Exception:
            logger.exception("cannot answer")
            return _failure(
                HTTPStatus.INTERNAL_SERVER_ERROR, "the agent cannot answer now; its log says why"
            )

    async def _analyze(self, request: Request) -> Response:
        question = await asyncio.to_thread(_read, await request.body())
        record = await asyncio.to_thread(self._join_or_submit, question)
        waiter = asyncio.create_task(self._waiting.until_final(record))
        hangup = asyncio.create_task(_hangup(request))
        try:
            await asyncio.wait({waiter, hangup}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            hangup.cancel()
            if not waiter.done():
                waiter.cancel()
        if not waiter.done():
            logger.info("the client hung up", extra={"task": record.id, "run": record.run_uid})
            return Response(status_code=HTTPStatus.NO_CONTENT)  # that nobody reads
        return _shown(waiter.result())

    def _join_or_submit(self, question: OlderQuestion) -> TaskRecord:
        """The open task of the same question, or a new one.

        The messageId follows from the task before: whoever asks at the same time makes the same one,
        and that starts one analysis only.
        """
        last = self._engine.tasks.last_of(question.context_id)
        while last is None or last.state.final:
            message_id = uuid.uuid5(uuid.UUID(question.context_id), last.id if last else "")
            # Final again only where a clock that jumped hid a newer task: then on from that one.
            last = self._engine.submit(
                new_task(question.request, str(message_id), question.context_id)
            )
        return last


def _read(body: bytes) -> OlderQuestion:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ContractError("", "no JSON", "a JSON object") from error
    return read_question(document, datetime.now(UTC))


async def _hangup(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _shown(record: TaskRecord) -> Response:
    match record.state:
        case TaskState.COMPLETED:
            return JSONResponse(answer(json.loads(record.verdict)))
        case TaskState.FAILED if record.reason == DEADLINE_PASSED:
            return _failure(HTTPStatus.GATEWAY_TIMEOUT, record.reason)
        case TaskState.FAILED:
            return _failure(HTTPStatus.INTERNAL_SERVER_ERROR, record.reason)
        case TaskState.CANCELED:
            return _failure(HTTPStatus.CONFLICT, f"the analysis was canceled: {record.reason}")
        case _:
            response = _failure(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "the agent is about to end; the analysis goes on when it is started again: "
                "ask the same once more",
            )
            response.headers["Retry-After"] = str(RETRY_SECONDS)
            return response


def _failure(status: HTTPStatus, message: str) -> JSONResponse:
    return JSONResponse(
        {"error": {"code": status.value, "message": message}}, status_code=status.value
    )
