"""The provider's methods, served over one brokered stream (net/rpc server.go: ServeConn, service.call)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from goplugin.runtime._channel import Channel, Receiver
from goplugin.runtime._errors import SessionClosed
from goplugin.wire import LocalProtocolError, RemoteProtocolError
from goplugin.wire.netrpc import Request, ServerConnection

if TYPE_CHECKING:
    import logging
    from collections.abc import Awaitable, Callable, Mapping

    from goplugin.runtime._work import WorkLoop
    from goplugin.wire import Limits
    from goplugin.wire.gob import Type

SERVICE_NAME = "Plugin"
MAX_RUNNING = 512
_MAX_UNSENT_BYTES = 1024 * 1024
_MAX_ERROR_CHARS = 8192


@dataclass(frozen=True, slots=True)
class Method:
    """One method of a service.

    Attributes:
        reply: The gob type of its reply.
        handler: A coroutine function: gets the decoded argument, returns a value of the reply type. What it raises becomes
            the call's error, `<Type>: <text>`. It runs on the plugin's one asyncio loop: it must not block.
    """

    reply: Type
    handler: Callable[[object], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Service:
    """What a plugin serves under one name of `ServeConfig.plugins`.

    Attributes:
        methods: By name, without the `Plugin.` that go-plugin puts before it.
    """

    methods: Mapping[str, Method] = field(default_factory=dict)


def error_text(error: BaseException) -> str:
    """`<Type>: <text>` of an exception, at most 8192 characters."""
    return f"{type(error).__name__}: {error}"[:_MAX_ERROR_CHARS]


def _is_cancelled_by_us(error: BaseException) -> bool:
    """Whether the handler's task was told to end, rather than something that it waited for."""
    import asyncio  # noqa: PLC0415 - the work loop has imported it by now

    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


@dataclass(frozen=True, slots=True)
class Serving:
    """What all services of one session share.

    Attributes:
        work: Where handlers run.
        limits: Bounds of gob and net/rpc.
        logger: Told of handlers that fail.
        violation: Called on the work loop when the peer's bytes break a rule.
    """

    work: WorkLoop
    limits: Limits
    logger: logging.Logger
    violation: Callable[[RemoteProtocolError], None]


class ServiceConnection(Receiver):
    """Decodes calls, runs their handlers and sends the replies, in the order in which they are done.

    The session's thread only hands bytes over (`received`, `ended`, `broken`, `drained`); gob is decoded and encoded on the
    work loop. What a host can make us hold is bounded: bytes not yet decoded by the stream's window, handlers at work by
    `MAX_RUNNING`, replies by `_MAX_UNSENT_BYTES` and one reply for each handler.

    Args:
        channel: The stream; this object becomes its receiver.
        make_service: Makes or returns the service; called on the work loop when the first call comes. What it raises
            becomes that call's error; the next call tries again.
        serving: What the session's services share.
    """

    def __init__(
        self, channel: Channel, make_service: Callable[[], Service], serving: Serving
    ) -> None:
        self._channel = channel
        self._make_service = make_service
        self._work = serving.work
        self._logger = serving.logger
        self._violation = serving.violation
        self._rpc = ServerConnection(serving.limits)
        self._chunks: deque[bytes] = deque()
        self._requests: deque[Request] = deque()
        self._parked: deque[Callable[[], None]] = deque()
        self._service: Service | None = None
        self._running = 0
        self._ended = False
        self._broken = False
        channel.receiver = self

    # Session's thread.

    def received(self, data: bytes) -> None:
        """Hand the bytes to the work loop."""
        self._work.post(partial(self._take, data))

    def ended(self) -> None:
        """The host closes; the calls it has made are still answered."""
        self._work.post(self._end)

    def broken(self, error: Exception) -> None:  # noqa: ARG002 - part of Receiver
        """Forget what waits; running handlers go on, their replies go nowhere."""
        self._work.post(self._break)

    def drained(self) -> None:
        """Replies that waited for room can go."""
        self._work.post(self._unpark)

    # Work loop.

    def _take(self, data: bytes) -> None:
        self._chunks.append(data)
        self._pump()

    def _end(self) -> None:
        self._ended = True
        self._finish_if_done()

    def _break(self) -> None:
        self._broken = True
        self._chunks.clear()
        self._requests.clear()
        self._parked.clear()

    def _unpark(self) -> None:
        while self._parked and self._channel.unsent < _MAX_UNSENT_BYTES:
            self._parked.popleft()()
        self._pump()
        self._finish_if_done()

    def _pump(self) -> None:
        """Start handlers, and decode one chunk; the rest after whatever else the loop has to do."""
        while self._requests and self._running < MAX_RUNNING and not self._parked:
            self._running += 1
            self._work.spawn(self._answer(self._requests.popleft()))
        if self._chunks and not self._requests and not self._broken:
            chunk = self._chunks.popleft()
            try:
                self._requests.extend(self._rpc.receive_data(chunk))
            except RemoteProtocolError as error:
                self._break()
                self._violation(error)
                return
            self._channel.consumed(len(chunk))
            self._work.post(self._pump)

    def _finish_if_done(self) -> None:
        if self._ended and not (self._chunks or self._requests or self._running or self._parked):
            self._channel.finish()

    async def _answer(self, request: Request) -> None:
        try:
            send = await self._call(request)
        finally:
            self._running -= 1
        if self._channel.unsent >= _MAX_UNSENT_BYTES:
            self._parked.append(send)
        else:
            send()
        self._pump()
        self._finish_if_done()

    async def _call(self, request: Request) -> Callable[[], None]:
        """Runs the handler; returns what sends the outcome."""
        try:
            method = self._find(request.method)
            if isinstance(method, str):
                return partial(self._send_error, request, method)
            value = await method.handler(request.args)
        except BaseException as error:  # a handler's failure is its caller's answer, sys.exit() too
            if _is_cancelled_by_us(error):
                raise
            self._logger.warning("%s failed", request.method, exc_info=True)
            return partial(self._send_error, request, error_text(error))
        return partial(self._send_reply, request, method, value)

    def _find(self, full_name: str) -> Method | str:
        """The method, or net/rpc's words for there being none (server.go: readRequestHeader)."""
        service_name, dot, name = full_name.rpartition(".")
        if not dot:
            return f"rpc: service/method request ill-formed: {full_name}"
        if service_name != SERVICE_NAME:
            return f"rpc: can't find service {full_name}"
        if self._service is None:
            self._service = self._make_service()
        return self._service.methods.get(name) or f"rpc: can't find method {full_name}"

    def _send_reply(self, request: Request, method: Method, value: object) -> None:
        try:
            data = self._rpc.send_reply(request, method.reply, value)
        except LocalProtocolError as error:
            self._logger.error("the reply of %s does not fit its type: %s", request.method, error)  # noqa: TRY400 - the text says it all
            self._send_error(request, error_text(error))
            return
        self._send(data)

    def _send_error(self, request: Request, text: str) -> None:
        self._send(self._rpc.send_error(request, text))

    def _send(self, data: bytes) -> None:
        try:
            self._channel.send(data)
        except SessionClosed:
            self._break()
