"""The few calls that the agent makes, each bounded and tried again where that may help."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import httpx2
from lightkube.core.exceptions import ConfigError

from ._limits import KubernetesLimits
from ._raw import mapping, mappings, text

_T = TypeVar("_T")
Chunks = AsyncIterator[bytes]

PAGE = 250
_MAX_STATUS = 64 << 10
_MAX_MESSAGE = 300
_LONGEST_WAIT = 5.0
_FIRST_WAIT = 0.2
_PASSING = frozenset({429, 500, 502, 503, 504})


@dataclass
class ApiError(Exception):
    """A call that failed.

    Attributes:
        status: the HTTP status; 0 where there was no whole answer.
        message: what the API, or the connection, says; never a header.
        retry_after: seconds that the API asks to wait, where it does.
        resume: the token with which a list that has expired can go on, where there is one.
    """

    status: int
    message: str
    retry_after: float | None = None
    resume: str = ""

    def __str__(self) -> str:
        return f"{self.status} {self.message}" if self.status else self.message

    @property
    def may_pass(self) -> bool:
        """Whether the same call may succeed in a moment."""
        return self.status in _PASSING or not self.status


class Api:
    """Reads lists and logs; calls may run concurrently, up to the limit."""

    def __init__(self, client: httpx2.AsyncClient, limits: KubernetesLimits) -> None:
        self._client = client
        self._limits = limits
        self._places = asyncio.Semaphore(limits.concurrency)

    async def pages(
        self, path: str, params: Mapping[str, str]
    ) -> AsyncIterator[list[Mapping[str, object]]]:
        """The items of a list, page by page.

        A list that expires meanwhile (410) goes on as the API offers: with items as they are now.

        Raises:
            ApiError: a page could not be read.
        """
        token = ""
        while True:
            query = {**params, "limit": str(PAGE)}
            if token:
                query["continue"] = token
            page = mapping(await self._page(path, query))
            yield mappings(page.get("items"))
            token = text(mapping(page.get("metadata")).get("continue"))
            if not token:
                return

    async def read(self, path: str) -> Mapping[str, object]:
        """One object.

        Raises:
            ApiError: it could not be read; 404 where there is none.
        """
        return mapping(await self._page(path, {}))

    async def read_log(
        self, path: str, params: Mapping[str, str], read: Callable[[Chunks], Awaitable[None]]
    ) -> None:
        """Hands one log to `read`, which must begin anew when it is called again.

        Raises:
            ApiError: the log was not read to its end.
        """
        await self._call(path, params, read)

    async def _page(self, path: str, query: dict[str, str]) -> object:
        try:
            body = await self._call(path, query, self._whole)
        except ApiError as error:
            # The refusal carries the token to go on with: apiserver/pkg/storage, handleExpiredToken.
            if error.status != 410 or not error.resume:
                raise
            body = await self._call(path, {**query, "continue": error.resume}, self._whole)
        try:
            document: object = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise ApiError(200, "the answer is no JSON; is this a Kubernetes API?") from error
        return document

    async def _whole(self, chunks: Chunks) -> bytes:
        body = bytearray()
        async for chunk in chunks:
            body += chunk
            if len(body) > self._limits.page_bytes:
                raise ApiError(413, f"a page is larger than {self._limits.page_bytes} bytes")
        return bytes(body)

    async def _call(
        self, path: str, params: Mapping[str, str], read: Callable[[Chunks], Awaitable[_T]]
    ) -> _T:
        wait = _FIRST_WAIT
        for left in reversed(range(self._limits.attempts)):
            try:
                async with self._places:
                    return await self._once(path, params, read)
            except ApiError as error:
                if not (error.may_pass and left):
                    raise
                pause = wait if error.retry_after is None else error.retry_after
            await asyncio.sleep(min(pause, _LONGEST_WAIT))
            wait *= 2
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _once(
        self, path: str, params: Mapping[str, str], read: Callable[[Chunks], Awaitable[_T]]
    ) -> _T:
        # Compressed answers could be of any size once unpacked.
        headers = {"Accept-Encoding": "identity"}
        try:
            request = self._client.build_request("GET", path, params=params, headers=headers)
            response = await self._client.send(request, stream=True)
            try:
                if response.status_code != 200:
                    raise await _refusal(response)
                if response.headers.get("content-encoding", "identity") != "identity":
                    raise ApiError(200, "the answer is compressed, which was not asked for")
                # Pieces as they come: a chunker would keep the last ones of a stream that breaks.
                return await read(response.aiter_raw())
            finally:
                await response.aclose()
        except httpx2.TransportError as error:
            # Without the cause, which may quote headers, and so the token.
            raise ApiError(0, self._words(error)) from None
        except (ConfigError, OSError, KeyError, ValueError) as error:
            # From the code that fetches credentials; its text may hold what a program printed.
            raise ApiError(401, f"the credentials cannot be had: {type(error).__name__}") from None

    def _words(self, error: httpx2.TransportError) -> str:
        if isinstance(error, httpx2.TimeoutException):
            return f"no answer within {self._limits.call_seconds:g} s"
        if isinstance(error, httpx2.ConnectError):
            return f"cannot connect: {str(error)[:_MAX_MESSAGE]}"
        return f"the connection broke: {type(error).__name__}"


async def _refusal(response: httpx2.Response) -> ApiError:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > _MAX_STATUS:
            break
    status = _status(bytes(body))
    message = text(status.get("message")) or body[:_MAX_MESSAGE].decode("utf-8", "replace")
    return ApiError(
        response.status_code,
        message[:_MAX_MESSAGE].strip() or "no reason given",
        _seconds(response.headers.get("retry-after", "")),
        text(mapping(status.get("metadata")).get("continue")),
    )


def _status(body: bytes) -> Mapping[str, object]:
    try:
        return mapping(json.loads(body))
    except (ValueError, RecursionError):
        return {}


def _seconds(header: str) -> float | None:
    return float(header) if header.isascii() and header.isdecimal() and len(header) < 6 else None
