"""Control and Dispenser, answered in the session's thread (rpc_server.go: controlServer, dispenseServer)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goplugin.runtime._channel import Channel, Receiver
from goplugin.runtime._errors import SessionClosed
from goplugin.wire import RemoteProtocolError
from goplugin.wire.gob import UINT, Struct
from goplugin.wire.netrpc import Request, ServerConnection

if TYPE_CHECKING:
    from collections.abc import Callable

    from goplugin.wire import Limits

_EMPTY = Struct("", {})
_MAX_UNREAD_BYTES = 64 * 1024


class ControlService(Receiver):
    """Answers Ping, Quit and Dispense at once, whatever the provider is doing.

    Args:
        channel: The control stream; this object becomes its receiver.
        limits: Bounds of gob and net/rpc.
        dispense: Gets a plugin's name, returns the id at which its service waits, or None for an unknown name.
        quit_: Called after the answer to Quit is queued.
        fail: Called with the error when the peer breaks a rule.
    """

    def __init__(
        self,
        channel: Channel,
        limits: Limits,
        *,
        dispense: Callable[[str], int | None],
        quit_: Callable[[], None],
        fail: Callable[[Exception], None],
    ) -> None:
        self._channel = channel
        self._rpc = ServerConnection(limits)
        self._dispense = dispense
        self._quit = quit_
        self._fail = fail
        channel.receiver = self

    def received(self, data: bytes) -> None:
        """Answer the calls that are complete."""
        self._channel.consumed(len(data))
        try:
            for request in self._rpc.receive_data(data):
                self._channel.send(self._answer(request))
                if request.method == "Control.Quit":
                    self._quit()
        except (RemoteProtocolError, SessionClosed) as error:
            self._fail(error)
            return
        if self._channel.unsent > _MAX_UNREAD_BYTES:
            self._fail(SessionClosed("the peer calls on the control stream and reads no answers"))

    def ended(self) -> None:
        """The host closes the control stream; there is nothing more to answer."""
        self._channel.finish()

    def _answer(self, request: Request) -> bytes:
        match request.method:
            case "Control.Ping" | "Control.Quit":
                return self._rpc.send_reply(request, _EMPTY, {})
            case "Dispenser.Dispense":
                return self._dispensed(request)
            case method if method.startswith(("Control.", "Dispenser.")):
                return self._rpc.send_error(request, f"rpc: can't find method {method}")
            case method:
                return self._rpc.send_error(request, f"rpc: can't find service {method}")

    def _dispensed(self, request: Request) -> bytes:
        name = request.args
        number = self._dispense(name) if isinstance(name, str) else None
        if number is None:
            return self._rpc.send_error(request, f"unknown plugin type: {name}"[:1024])
        return self._rpc.send_reply(request, UINT, number)
