"""What stands before every endpoint: the token, and bounds on a request's body."""

import asyncio
import base64
import binascii
import contextlib
import hmac
import logging
import re
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Final

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .paths import OPEN_PATHS, is_for_people
from .reports import notice

LARGE_BODY: Final = 64 * 1024
"""Bytes; more than this, or an unknown size, and the request waits for its turn to be read."""
DISCARDED: Final = 64 * 1024 * 1024
"""Bytes of a refused body that are read and dropped: a client that still sends sees no answer."""
DISCARD_SECONDS: Final = 5.0
MOST_VALUES: Final = 100_000
"""JSON values of one body: the SDK reads some 300,000 a second, and meanwhile nobody is answered."""
LARGE_BODIES: Final = 4
"""Large bodies that are read at one time, so that memory has a bound."""

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)

logger = logging.getLogger(__name__)


class Guard:
    """ASGI middleware: who may ask, how much and for how long.

    Args:
        app: what is guarded.
        token: the bearer token; empty lets everybody in.
        max_body: bytes of a body.
        body_seconds: seconds in which a body must have arrived.
        open_paths: paths that need no token.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        token: str,
        max_body: int,
        body_seconds: float = 30.0,
        open_paths: frozenset[str] = OPEN_PATHS,
    ) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode() if token else b""
        self._max_body = max_body
        self._open = open_paths
        self._body_seconds = body_seconds
        self._large = asyncio.Semaphore(LARGE_BODIES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 401, 413 or 408 itself; everything else goes through with its whole body."""
        headers = dict(scope["headers"])
        refusal: Response | None = None
        body = b""
        if not self._admitted(scope, headers.get(b"authorization", b"")):
            refusal = _unauthorized(scope["path"])
        else:
            try:
                body = await self._body(headers, receive)
            except _TooLargeError as error:
                refusal = _refusal(413, str(error))
                if error.whole:
                    receive = _nothing_more
            except TimeoutError:
                refusal = _refusal(408, f"no whole body within {self._body_seconds:g} s")
        if refusal is None:
            await self._app(scope, _Replay(body, receive), send)
        else:
            logger.warning("refused with %d: %s", refusal.status_code, scope["path"])
            await self._discard(receive)
            refusal.headers["Connection"] = "close"
            await refusal(scope, receive, send)

    def _admitted(self, scope: Scope, given: bytes) -> bool:
        path = scope["path"]
        if not self._expected or path in self._open:
            return True
        # A browser sends a password to whoever asks it to, also from other sites' pages: so only for
        # reading pages, which no other site can read in turn.
        if is_for_people(path) and scope["method"] in ("GET", "HEAD"):
            given = _password_as_token(given)
        return hmac.compare_digest(given, self._expected)

    async def _body(self, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        length = headers.get(b"content-length", b"")
        if b"transfer-encoding" not in headers and not length:
            return b""
        known = length.isdigit() and len(length) < 20
        size = int(length) if known else self._max_body
        if size > self._max_body:
            raise self._too_large()
        async with asyncio.timeout(self._body_seconds):
            if size <= LARGE_BODY:
                return await self._read(receive)
            async with self._large:
                body = await self._read(receive)
                if await asyncio.to_thread(_values, body) > MOST_VALUES:
                    reason = f"the body has more than {MOST_VALUES} JSON values"
                    raise _TooLargeError(reason, whole=True)
                return body

    async def _read(self, receive: Receive) -> bytes:
        body = bytearray()
        async for piece in _pieces(receive):
            body += piece
            if len(body) > self._max_body:
                raise self._too_large()
        return bytes(body)

    def _too_large(self) -> "_TooLargeError":
        return _TooLargeError(f"the body is larger than {self._max_body} bytes")

    async def _discard(self, receive: Receive) -> None:
        size = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DISCARD_SECONDS):
                async for piece in _pieces(receive):
                    size += len(piece)
                    if size > DISCARDED:
                        return


async def _pieces(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        yield message.get("body", b"")
        more = message.get("more_body", False)


def _values(body: bytes) -> int:
    """About how many values a JSON text has; what stands in strings does not count."""
    bare = _STRING.sub(b"", body)
    return sum(bare.count(mark) for mark in (b",", b"[", b"{"))


class _TooLargeError(Exception):
    """A body is refused; `whole` where all of it has been read already."""

    def __init__(self, reason: str, *, whole: bool = False) -> None:
        super().__init__(reason)
        self.whole = whole


async def _nothing_more() -> Message:
    return {"type": "http.request"}


class _Replay:
    """Gives the body that has been read already, then what the connection says."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


def _password_as_token(given: bytes) -> bytes:
    """`Basic` credentials as the bearer token that their password is; anything else as it is."""
    scheme, _, encoded = given.partition(b" ")
    if scheme.lower() != b"basic":
        return given
    try:
        _, colon, password = base64.b64decode(encoded, validate=True).partition(b":")
    except binascii.Error:
        return given
    return b"Bearer " + password if colon else given


def _unauthorized(path: str) -> Response:
    if is_for_people(path):
        page = notice(
            HTTPStatus.UNAUTHORIZED,
            "The token is asked for",
            "Reports are read with the agent's token: as the password, with any user name.",
            "It is in the Secret that the agent runs with, or in its CANARY_AGENT_TOKEN.",
        )
        page.headers["WWW-Authenticate"] = 'Basic realm="canary-agent", charset="UTF-8"'
        return page
    refusal = _refusal(401, "a bearer token is asked for; send Authorization: Bearer …")
    refusal.headers["WWW-Authenticate"] = "Bearer"
    return refusal


def _refusal(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": {"code": status, "message": message}}, status_code=status)
