"""The client's side of net/rpc on one stream (net/rpc, client.go: send, input)."""

from dataclasses import dataclass

from goplugin.wire import gob
from goplugin.wire._errors import BackPressureError, LocalProtocolError, RemoteProtocolError
from goplugin.wire._limits import DEFAULT_LIMITS, Limits
from goplugin.wire.netrpc._messages import REQUEST, Message, MessageReader, MessageWriter


@dataclass(frozen=True, slots=True)
class Response:
    """A reply to a call.

    Attributes:
        seq: The number that `ClientConnection.call` returned.
        method: The method that was called.
        error: What the server says has failed; empty where the call succeeded.
        value: The reply: a gob value; None where the call failed.
    """

    seq: int
    method: str
    error: str
    value: object


class ClientConnection:
    """Writes requests and reads replies, in any order.

    Send what `call` returns in the order in which it was called: gob defines each type once per stream.

    Not safe for use by several threads at once.

    Args:
        limits: The bounds: those of gob, `call_method_chars` and `pending_calls`.
    """

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._reader = MessageReader(limits)
        self._writer = MessageWriter(REQUEST, limits)
        self._pending: dict[int, str] = {}
        self._next_seq = 0
        self._failure: RemoteProtocolError | None = None

    @property
    def pending_calls(self) -> int:
        """Calls without a reply (0 to `Limits.pending_calls`)."""
        return len(self._pending)

    def call(self, method: str, args_type: gob.Type, args: object) -> tuple[int, bytes]:
        """Starts a call.

        Args:
            method: `Service.Method`.
            args_type: The gob type of the argument.
            args: The argument.

        Returns:
            The call's number and the bytes to send.

        Raises:
            BackPressureError: `Limits.pending_calls` calls have no reply yet.
            LocalProtocolError: The argument does not fit its type; nothing was started.
        """
        if len(self._pending) >= self._limits.pending_calls:
            raise BackPressureError(
                f"{self._limits.pending_calls} calls have no reply yet; wait for one, or abandon one"
            )
        seq = self._next_seq
        data = self._writer.write({"ServiceMethod": method, "Seq": seq}, args_type, args)
        self._next_seq += 1
        self._pending[seq] = method
        return seq, data

    def abandon(self, seq: int) -> None:
        """Forgets a call whose deadline has passed; its reply will be dropped. Nothing happens where it is unknown."""
        self._pending.pop(seq, None)

    def receive_data(self, data: bytes) -> list[Response]:
        """Reads bytes of the stream, cut anywhere, and returns the replies that they complete.

        Replies to calls that are unknown or abandoned are dropped (client.go, input).

        Raises:
            RemoteProtocolError: They are no replies. No more can be read: reset the stream.
            LocalProtocolError: That has happened before.
        """
        if self._failure is not None:
            raise LocalProtocolError(f"this stream failed before: {self._failure}; reset it")
        responses = []
        try:
            for message in self._reader.read(data):
                method = self._pending.pop(message.seq, None)
                if method is not None:
                    responses.append(_response(method, message))
        except RemoteProtocolError as error:
            self._failure = error
            raise
        return responses


def _response(method: str, message: Message) -> Response:
    value = None if message.error else message.body
    return Response(message.seq, method, message.error, value)
