"""The server's side of net/rpc on one stream (net/rpc, server.go: ServeCodec, readRequest, sendResponse)."""

from dataclasses import dataclass

from goplugin.wire import gob
from goplugin.wire._errors import LocalProtocolError, RemoteProtocolError
from goplugin.wire._limits import DEFAULT_LIMITS, Limits
from goplugin.wire.netrpc._messages import NO_BODY, RESPONSE, MessageReader, MessageWriter


@dataclass(frozen=True, slots=True)
class Request:
    """A call that waits for its reply.

    Attributes:
        seq: Its number, chosen by the client.
        method: `Service.Method` as the client wrote it; it may name nothing that exists.
        args: The argument: a gob value of any type.
    """

    seq: int
    method: str
    args: object

    @property
    def service(self) -> str:
        """What is before the last dot; empty where there is none."""
        return self.method.rpartition(".")[0]

    @property
    def name(self) -> str:
        """What is after the last dot."""
        return self.method.rpartition(".")[2]


class ServerConnection:
    """Reads requests and writes replies, in any order; a Go client runs many calls at once.

    Send what the methods return in the order in which they were called: gob defines each type once per stream.

    Not safe for use by several threads at once.

    Args:
        limits: The bounds: those of gob, `call_method_chars` and `pending_calls`.
    """

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._reader = MessageReader(limits)
        self._writer = MessageWriter(RESPONSE, limits)
        self._pending: dict[int, Request] = {}
        self._failure: RemoteProtocolError | None = None

    @property
    def pending_calls(self) -> int:
        """Requests without a reply. Stop feeding `receive_data` at some number below `Limits.pending_calls`."""
        return len(self._pending)

    def receive_data(self, data: bytes) -> list[Request]:
        """Reads bytes of the stream, cut anywhere, and returns the requests that they complete.

        Raises:
            RemoteProtocolError: They are no requests, a number is used that has no reply yet, or more than
                `Limits.pending_calls` wait. No more can be read: reset the stream.
            LocalProtocolError: That has happened before.
        """
        if self._failure is not None:
            raise LocalProtocolError(f"this stream failed before: {self._failure}; reset it")
        requests = []
        try:
            for message in self._reader.read(data):
                request = Request(message.seq, message.method, message.body)
                self._add(request, message.offset)
                requests.append(request)
        except RemoteProtocolError as error:
            self._failure = error
            raise
        return requests

    def _add(self, request: Request, offset: int) -> None:
        if request.seq in self._pending:
            raise RemoteProtocolError(
                f"request {request.seq} came twice, expected another number until the reply", offset
            )
        if len(self._pending) >= self._limits.pending_calls:
            raise RemoteProtocolError(
                f"more than {self._limits.pending_calls} requests wait for their replies", offset
            )
        self._pending[request.seq] = request

    def send_reply(self, request: Request, reply_type: gob.Type, value: object) -> bytes:
        """Returns the bytes of a good reply.

        Raises:
            LocalProtocolError: The request waits for no reply, or the value does not fit the type; then the request still
                waits, and `send_error` can end it.
        """
        return self._send(request, "", reply_type, value)

    def send_error(self, request: Request, message: str) -> bytes:
        """Returns the bytes of an error reply; a Go client's call returns `message` as its error.

        Raises:
            LocalProtocolError: The request waits for no reply, or the message is empty, which would mean success.
        """
        if not message:
            raise LocalProtocolError(
                "an error reply without a message would be a good reply; say what failed"
            )
        return self._send(request, message, NO_BODY, {})

    def _send(self, request: Request, error: str, body_type: gob.Type, body: object) -> bytes:
        if self._pending.get(request.seq) is not request:
            raise LocalProtocolError(
                f"request {request.seq} ({request.method}) has its reply, or is of another stream"
            )
        header = {"ServiceMethod": request.method, "Seq": request.seq, "Error": error}
        data = self._writer.write(header, body_type, body)
        del self._pending[request.seq]
        return data
