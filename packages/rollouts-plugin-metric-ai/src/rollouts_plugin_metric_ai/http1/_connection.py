"""One connection: bytes between an asyncio transport and h11, one exchange at a time."""

import asyncio
import select
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

import h11

# Longest head of an answer, and longest line of its framing.
_MAX_HEAD = 64 * 1024
# So much may wait to be read before the server is made to wait too.
_MAX_UNREAD = 256 * 1024


class HungUpError(ConnectionError):
    """The server closed the connection before its answer was complete."""


class NoHttpError(Exception):
    """What the server sent is no HTTP/1.1, or more than its head may take; the text may quote it."""


class Request(NamedTuple):
    """One request.

    Attributes:
        method: in capitals.
        server: host, without brackets, and port.
        target: path and query.
        headers: all of them; they say how long the body is.
        body: may be empty.
        harmless: whether it may be sent twice.
    """

    method: str
    server: tuple[str, int]
    target: str
    headers: list[tuple[str, str]]
    body: bytes = b""
    harmless: bool = False


class Progress(Protocol):
    """Told what a request is doing, for error texts."""

    stage: str

    def wait(self) -> None:
        """The request is sent, and its answer is waited for."""


class Head(NamedTuple):
    """The begin of an answer. Names of headers are in lower case; of repeated ones the last counts."""

    status: int
    headers: Mapping[str, str]


class Connection(asyncio.Protocol):
    """A connected transport, made by `dial`.

    An exchange is `ask`, and `receive_body` until it gives nothing; then `is_reusable` says whether
    `begin_next` may begin another.

    Args:
        server: host and port, by which the pool finds it again.
        lost: called once, when the connection is gone.

    Attributes:
        server: the same.
        idle_until: for the pool: when it is to be closed.
    """

    def __init__(self, server: tuple[str, int], lost: "Callable[[Connection], None]") -> None:
        self.server = server
        self.idle_until = 0.0
        self._lost = lost
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD)
        self._transport: asyncio.Transport | None = None
        self._descriptor = -1
        self._waiter: asyncio.Future[None] | None = None
        self._ended = False
        self._error: Exception | None = None
        self._unread = 0

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected, with the TLS handshake done where there is one."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type checker
        self._transport = transport
        self._descriptor = transport.get_extra_info("socket").fileno()

    def data_received(self, data: bytes) -> None:
        """Keeps what came for whoever reads; what nobody has asked for ends the connection."""
        if self._h11.our_state is h11.IDLE:
            self.abort()
            return
        self._h11.receive_data(data)
        self._unread += len(data)
        if self._unread > _MAX_UNREAD and self._transport is not None:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """The server sends no more; the transport closes itself."""
        self._ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Gone, in order or not."""
        self._ended = True
        self._error = exc
        self._transport = None
        self._lost(self)
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # The exchange

    async def ask(self, request: Request, progress: Progress) -> Head:
        """Sends a request, and reads its answer up to the body; hangs up where that fails.

        Heads of interim answers (1xx) are passed over.

        Raises:
            NoHttpError: what came is no answer.
            OSError: the connection broke; HungUpError where the server closed it.
        """
        try:
            progress.stage = "sending the request"
            self._send(request)
            progress.wait()
            while type(event := await self._next_event()) is not h11.Response:
                continue
        except BaseException:
            self.abort()
            raise
        progress.stage = "reading the answer"
        headers = {name.decode("latin-1"): text.decode("latin-1") for name, text in event.headers}
        return Head(event.status_code, headers)

    def _send(self, request: Request) -> None:
        if self._transport is None:
            raise HungUpError("the server hung up")
        send = self._h11.send
        head = h11.Request(method=request.method, target=request.target, headers=request.headers)
        data = [send(head), send(h11.Data(data=request.body)), send(h11.EndOfMessage())]
        # In one piece, for one call of the kernel's and one packet.
        self._transport.write(b"".join(part for part in data if part))

    async def receive_body(self) -> bytes:
        """The next piece of the answer's body; empty when it is complete.

        Raises:
            NoHttpError, OSError: as `ask` has it.
        """
        event = await self._next_event()
        while not isinstance(event, h11.Data | h11.EndOfMessage):
            event = await self._next_event()
        return bytes(event.data) if isinstance(event, h11.Data) else b""

    async def _next_event(self) -> object:
        while True:
            try:
                event = self._h11.next_event()
            except h11.RemoteProtocolError as error:
                raise NoHttpError(str(error)) from error
            if event is not h11.NEED_DATA:
                return event
            if self._ended:
                return self._last_event()
            await self._receive()

    async def _receive(self) -> None:
        self._unread = 0
        if self._transport is not None:
            self._transport.resume_reading()
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _last_event(self) -> object:
        """What the end of the connection means: the end of a body that has no other, or a broken answer."""
        if self._error is not None:
            raise self._error
        if self._h11.their_state is h11.SEND_BODY:
            self._h11.receive_data(b"")
            try:
                return self._h11.next_event()
            except h11.RemoteProtocolError as error:
                raise HungUpError("the server hung up within its answer") from error
        raise HungUpError("the server hung up")

    @property
    def is_unanswered(self) -> bool:
        """Whether nothing of an answer to the request has come."""
        state = self._h11.their_state
        return (state is h11.IDLE or state is h11.SEND_RESPONSE) and not self._h11.trailing_data[0]

    # Between exchanges

    @property
    def is_reusable(self) -> bool:
        """Whether the exchange is complete, and both sides would have another."""
        return (
            not self._ended
            and self._h11.our_state is h11.DONE
            and self._h11.their_state is h11.DONE
            and not self._h11.trailing_data[0]
        )

    def begin_next(self) -> None:
        """Gets ready for another exchange; `is_reusable` has to be true."""
        self._h11.start_next_cycle()

    @property
    def is_quiet(self) -> bool:
        """Whether the server has neither said anything nor hung up, as far as the kernel knows by now."""
        if self._ended or self._transport is None or self._transport.is_closing():
            return False
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        """Hangs up in order."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Hangs up at once."""
        if self._transport is not None:
            self._transport.abort()
