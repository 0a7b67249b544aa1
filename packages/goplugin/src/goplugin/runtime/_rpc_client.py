"""Calls on one stream, from any thread (net/rpc client.go: Client)."""

from __future__ import annotations

from concurrent.futures import Future
from threading import Condition
from typing import TYPE_CHECKING

from goplugin.runtime._channel import Channel, Receiver
from goplugin.runtime._errors import CallTimeout, RemoteError, SessionClosed
from goplugin.wire import RemoteProtocolError
from goplugin.wire.netrpc import ClientConnection, Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from goplugin.wire import Limits
    from goplugin.wire.gob import Type

DEFAULT_CALL_SECONDS = 60.0
_MAX_UNSENT_BYTES = 8 * 1024 * 1024


class RpcClient(Receiver):
    """Makes net/rpc calls on one stream; many at a time, by any threads.

    Args:
        channel: The stream; this object becomes its receiver.
        limits: Bounds of gob and net/rpc.
        violation: Called in the session's thread when the peer's bytes break a rule.
        explain: Says, in the caller's thread, what a broken stream means (the plugin has exited, say).
    """

    def __init__(
        self,
        channel: Channel,
        limits: Limits,
        *,
        violation: Callable[[RemoteProtocolError], None],
        explain: Callable[[Exception], Exception],
    ) -> None:
        self._channel = channel
        self._violation = violation
        self._explain = explain
        self._rpc = ClientConnection(limits)
        self._calls: dict[int, Future[object]] = {}
        self._changed = Condition()
        self._error: Exception | None = None
        channel.receiver = self

    def call(
        self, method: str, type_: Type, value: object, timeout: float = DEFAULT_CALL_SECONDS
    ) -> object:
        """Make a call and wait for its reply. Not to be used in a callback of the client (log, stdout, stderr).

        Args:
            method: `Service.Method`; what a plugin dispenses is served as `Plugin`, so `Plugin.Run` for instance.
            type_: gob type of the argument.
            value: The argument.
            timeout: Seconds until the reply has to be here.

        Returns:
            The decoded reply.

        Raises:
            RemoteError: The other side answered with an error.
            CallTimeout: No reply came in time. The call may still have its effect; its reply will be dropped.
            PluginExited: The plugin's process ended (on the host's side).
            SessionClosed: The stream or its connection is gone.
            LocalProtocolError: The argument does not fit its type, or too many calls wait (`Limits.pending_calls`).
        """
        seq, future = self._start(method, type_, value, timeout)
        try:
            return future.result(timeout)
        except TimeoutError as error:
            with self._changed:
                self._calls.pop(seq, None)
                self._rpc.abandon(seq)
            if future.done():  # the reply won the race
                return future.result()
            raise CallTimeout(f"{method}: no reply within {timeout:g} s") from error
        except SessionClosed as error:
            raise self._explain(error) from error

    def start(self, method: str, type_: Type, value: object) -> Future[object]:
        """Make a call without waiting for its reply, as `call` does otherwise.

        Returns:
            The reply to come; in coroutines `await asyncio.wrap_future(...)` it. Its errors are those of `call`, except that
            nothing times out, and that the end of a plugin is a `SessionClosed`.

        Raises:
            SessionClosed, PluginExited, LocalProtocolError: As in `call`.
        """
        return self._start(method, type_, value, DEFAULT_CALL_SECONDS)[1]

    def close(self) -> None:
        """End the stream once what is queued is sent; calls without a reply then fail when the other side ends it too."""
        self._channel.finish()

    def _start(
        self, method: str, type_: Type, value: object, timeout: float
    ) -> tuple[int, Future[object]]:
        future: Future[object] = Future()
        with self._changed:
            if not self._changed.wait_for(self._has_room, timeout):
                raise CallTimeout(f"{method}: the other side took no argument within {timeout:g} s")
            if self._error is not None:
                raise self._explain(self._error)
            seq, data = self._rpc.call(method, type_, value)
            self._calls[seq] = future
            try:
                self._channel.send(data)
            except SessionClosed as error:
                del self._calls[seq]
                raise self._explain(error) from error
        return seq, future

    def _has_room(self) -> bool:
        return self._error is not None or self._channel.unsent < _MAX_UNSENT_BYTES

    # Session's thread.

    def received(self, data: bytes) -> None:
        """Settle the calls whose replies are complete."""
        try:
            with self._changed:
                responses = self._rpc.receive_data(data)
                settled = [(self._calls.pop(one.seq), one) for one in responses]
        except RemoteProtocolError as error:
            self._violation(error)
            return
        self._channel.consumed(len(data))
        for future, response in settled:
            _settle(future, response)

    def ended(self) -> None:
        """The other side closed the stream: no reply will come any more."""
        self._channel.finish()
        self._fail(SessionClosed("the other side closed the stream"))

    def broken(self, error: Exception) -> None:
        """Fail all calls."""
        self._fail(error)

    def drained(self) -> None:
        """Let callers that wait for room go on."""
        with self._changed:
            self._changed.notify_all()

    def _fail(self, error: Exception) -> None:
        with self._changed:
            self._error = self._error or _closed(error)
            calls, self._calls = self._calls, {}
            self._changed.notify_all()
        for future in calls.values():
            if future.set_running_or_notify_cancel():
                future.set_exception(self._error)


def _closed(error: Exception) -> SessionClosed:
    if isinstance(error, SessionClosed):
        return error
    closed = SessionClosed(str(error))
    closed.__cause__ = error
    return closed


def _settle(future: Future[object], response: Response) -> None:
    if not future.set_running_or_notify_cancel():
        return
    if response.error:
        future.set_exception(RemoteError(response.error))
    else:
        future.set_result(response.value)
