"""What requests and replies have in common: a header and a body, two gob values one after the other.

net/rpc, server.go and client.go: `gobServerCodec`, `gobClientCodec`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Never

from goplugin.wire import gob
from goplugin.wire._errors import LocalProtocolError, RemoteProtocolError
from goplugin.wire._limits import Limits

REQUEST: Final = gob.Struct("Request", {"ServiceMethod": gob.STRING, "Seq": gob.UINT})
"""Header of a request (net/rpc, server.go: Request)."""

RESPONSE: Final = gob.Struct(
    "Response", {"ServiceMethod": gob.STRING, "Seq": gob.UINT, "Error": gob.STRING}
)
"""Header of a reply (net/rpc, server.go: Response)."""

NO_BODY: Final = gob.Struct("", {})
"""Body of an error reply (net/rpc, server.go: invalidRequest)."""


@dataclass(frozen=True, slots=True)
class Message:
    """A header with its body.

    Attributes:
        method: `Service.Method`.
        seq: The call's number, chosen by the client, 0 to 2**64 - 1.
        error: Why the call failed; empty in requests and in good replies.
        body: A gob value.
        offset: Where the header begins in the stream, after gob's count.
    """

    method: str
    seq: int
    error: str
    body: object
    offset: int


class MessageReader:
    """Reads messages from bytes that may be cut anywhere.

    Args:
        limits: Bounds of gob, and `call_method_chars`.
    """

    def __init__(self, limits: Limits) -> None:
        self._decoder = gob.Decoder(limits)
        self._limits = limits
        self._header: object = gob.NEED_DATA
        self._offset = 0

    def read(self, data: bytes) -> Iterator[Message]:
        """Yields the messages that `data` completes.

        Raises:
            RemoteProtocolError: The bytes are no gob, or a header is none.
        """
        self._decoder.receive_data(data)
        while True:
            if self._header is gob.NEED_DATA:
                self._header = self._decoder.next_value()
                if self._header is gob.NEED_DATA:
                    return
                self._offset = self._decoder.offset
            body = self._decoder.next_value()
            if body is gob.NEED_DATA:
                return
            header, self._header = self._header, gob.NEED_DATA
            yield self._message(header, body)

    def _message(self, header: object, body: object) -> Message:
        if not isinstance(header, dict):
            self._violation(f"net/rpc header is a {type(header).__name__}, expected a struct")
        method = self._text(header, "ServiceMethod")
        if len(method) > self._limits.call_method_chars:
            self._violation(
                f"ServiceMethod has {len(method)} characters, expected {self._limits.call_method_chars} at most"
            )
        seq = header.get("Seq", 0)
        if not isinstance(seq, int) or isinstance(seq, bool) or seq < 0:
            self._violation(f"Seq of a net/rpc header is a {type(seq).__name__}, expected a uint")
        return Message(method, seq, self._text(header, "Error"), body, self._offset)

    def _text(self, header: Mapping[object, object], field: str) -> str:
        value = header.get(field, "")
        if not isinstance(value, str):
            self._violation(
                f"{field} of a net/rpc header is a {type(value).__name__}, expected a string"
            )
        return value

    def _violation(self, rule: str) -> Never:
        raise RemoteProtocolError(rule, self._offset)


class MessageWriter:
    """Writes messages of one direction of a stream.

    Args:
        header: `REQUEST` or `RESPONSE`.
        limits: Bounds of gob, and `call_method_chars`.
    """

    def __init__(self, header: gob.Struct, limits: Limits) -> None:
        self._encoder = gob.Encoder(limits)
        self._header = header
        self._limits = limits
        self._has_written = False

    def write(self, header: Mapping[str, object], body_type: gob.Type, body: object) -> bytes:
        """Returns one message.

        Raises:
            LocalProtocolError: The body does not fit its type or the limits. Nothing is written then, and the next message
                can be.
        """
        method = header["ServiceMethod"]
        if len(str(method)) > self._limits.call_method_chars:
            raise LocalProtocolError(
                f"the method's name has {len(str(method))} characters, {self._limits.call_method_chars} are allowed"
            )
        encoded_header = self._encoder.encode(self._header, header)
        try:
            encoded_body = self._encoder.encode(body_type, body)
        except LocalProtocolError:
            if (
                not self._has_written
            ):  # the peer will not get the definition of the header that is thrown away here
                self._encoder = gob.Encoder(self._limits)
            raise
        self._has_written = True
        return encoded_header + encoded_body
