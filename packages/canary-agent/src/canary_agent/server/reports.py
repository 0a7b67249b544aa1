"""Verdicts as pages for people: `/reports` and `/reports/<task id>`."""

import asyncio
import contextlib
import json
import logging
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urlencode

from a2a.types import InvalidParamsError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from canary_agent.report import (
    CONTENT_SECURITY_POLICY,
    Listing,
    ListingFilter,
    Report,
    Row,
    listing_page,
    notice_page,
    report_page,
    sentence_of,
)
from canary_agent.store import AnalysisEngine, TaskQuery, TaskRecord, TaskState
from canary_verdict import CanaryRequest, CanaryVerdict, ContractError, parse_request, parse_verdict

from . import paths
from .paging import next_token, read_token

PAGE_ROWS = 50
_LONGEST_FILTER = 253

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Of every page: nothing in it runs, nothing keeps it, no other site frames it or learns of it."""

logger = logging.getLogger(__name__)


class Reports:
    """The pages over the task store.

    Args:
        engine: a launched engine.
    """

    def __init__(self, engine: AnalysisEngine) -> None:
        self._engine = engine

    async def listing(self, request: Request) -> Response:
        """The list, newest first."""
        asked = _filter(request)
        after = request.query_params.get("after", "")
        try:
            query = TaskQuery(
                namespace=asked.namespace,
                rollout=asked.rollout,
                advice=asked.verdict,
                after=read_token(after) if after else None,
                limit=PAGE_ROWS,
            )
        except InvalidParamsError:
            return notice(
                HTTPStatus.BAD_REQUEST,
                "No such page",
                "The address names no page of the list.",
                "Begin with the newest.",
                paths.REPORTS,
            )
        page = await asyncio.to_thread(self._engine.tasks.find, query)
        older = _address(asked, next_token(page.records[-1])) if page.more else ""
        newest = _address(asked) if after else ""

        def written() -> str:
            rows = tuple(_row(record) for record in page.records)
            return listing_page(Listing(rows, page.total, asked, older, newest))

        return _page(await asyncio.to_thread(written))

    async def report(self, request: Request) -> Response:
        """One verdict, or how far its analysis is. Looking renews no lease."""
        task_id = request.path_params["id"]
        record = await asyncio.to_thread(self._engine.tasks.get, task_id)
        if record is None:
            return notice(
                HTTPStatus.NOT_FOUND,
                "No such report",
                "This agent keeps no analysis of that id: it may be older than what is kept, "
                "or another agent's.",
                link=paths.REPORTS,
            )
        if record.state is not TaskState.COMPLETED:
            return _without_verdict(record)
        try:
            report = _report(record)
        except ContractError as error:
            logger.warning("a kept verdict cannot be read: %s", error, extra=record.ids)
            return notice(
                HTTPStatus.INTERNAL_SERVER_ERROR,
                "This report cannot be read",
                f"Another version of the agent has kept it: {error}",
                link=paths.REPORTS,
            )
        return _page(await asyncio.to_thread(report_page, report))


def notice(
    status: HTTPStatus, title: str, words: str, next_step: str = "", link: str = ""
) -> Response:
    """A page that says why there is nothing to see, and what to do next."""
    return _page(notice_page(title, words, next_step, link), status)


def _page(html: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return HTMLResponse(html, status_code=status.value, headers=HEADERS)


def _filter(request: Request) -> ListingFilter:
    def given(name: str) -> str:
        # No database need be asked for what no name can be.
        return request.query_params.get(name, "").strip().replace("\0", "�")[:_LONGEST_FILTER]

    return ListingFilter(given("namespace"), given("rollout"), given("verdict"))


def _address(asked: ListingFilter, after: str = "") -> str:
    fields = {
        "namespace": asked.namespace,
        "rollout": asked.rollout,
        "verdict": asked.verdict,
        "after": after,
    }
    query = urlencode({name: value for name, value in fields.items() if value})
    return f"{paths.REPORTS}?{query}" if query else paths.REPORTS


def _row(record: TaskRecord) -> Row:
    verdict: CanaryVerdict | None = None
    with contextlib.suppress(ContractError):
        verdict = _verdict(record) if record.verdict else None
    return Row(
        link=f"{paths.REPORTS}/{record.id}",
        namespace=record.namespace,
        rollout=record.rollout,
        state=record.state.value,
        verdict=verdict.verdict.value if verdict else "",
        confidence=verdict.confidence if verdict else None,
        why=sentence_of(verdict) if verdict else record.reason,
        moment=_moment(record.updated_at),
    )


def _report(record: TaskRecord) -> Report:
    return Report(
        verdict=_verdict(record),
        request=_request(record),
        task_id=record.id,
        asked_at=_moment(record.created_at),
        answered_at=_moment(record.updated_at),
        listed_at=paths.REPORTS,
    )


def _verdict(record: TaskRecord) -> CanaryVerdict:
    document = json.loads(record.verdict)
    return parse_verdict(document, str(document.get("runUid", "")))


def _request(record: TaskRecord) -> CanaryRequest | None:
    try:
        return parse_request(json.loads(record.asked)) if record.asked else None
    except ContractError:
        return None  # the verdict is worth showing without it


def _without_verdict(record: TaskRecord) -> Response:
    name = " / ".join(part for part in (record.namespace, record.rollout) if part) or "This run"
    titles = {
        TaskState.SUBMITTED: "waits for its turn",
        TaskState.WORKING: "is being analysed",
        TaskState.CANCELED: "was canceled",
    }
    step = "" if record.state.final else "Load this page again in a moment."
    return notice(
        HTTPStatus.OK,
        f"{name} {titles.get(record.state, 'has no verdict')}",
        record.reason or f"The analysis is {record.state}.",
        step,
        paths.REPORTS,
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
