"""The decoder: bytes of a stream in, values out."""

from enum import Enum
from typing import TYPE_CHECKING, Final, NoReturn

from goplugin.wire._errors import RemoteProtocolError
from goplugin.wire._limits import DEFAULT_LIMITS, Limits
from goplugin.wire.gob._catalogue import Catalogue
from goplugin.wire.gob._crossing import CrossingReader, Reading
from goplugin.wire.gob._inbox import Inbox
from goplugin.wire.gob._numbers import MalformedError, read_int

if TYPE_CHECKING:
    from goplugin.wire.gob._types import Type


class _NeedData(Enum):
    NEED_DATA = "NEED_DATA"

    def __repr__(self) -> str:
        return self.name


NEED_DATA: Final = _NeedData.NEED_DATA
"""What `Decoder.next_value` returns until a whole value has been received."""


_TRUNCATED = "a message ends inside a value"


class Decoder:
    """Reads the values of one gob stream. It accepts every type the peer defines.

    The values: a struct is a dict of the fields sent (gob omits zero values), a slice or array a list, a map a dict (for its
    keys see `Map`), bytes bytes, a string str, an interface `Interface` or None, a type with an encoding of its own bytes.
    Pointers are not seen: gob sends what they point to.

    What is received is kept until `next_value` has read it: call it until it returns `NEED_DATA`, and what is kept is less
    than one message.

    Attributes:
        value_type: The type of the value returned last, or of the one whose first part was received since, as the peer
            defined it; None before the first one.

    Source: Go's encoding/gob, doc.go (the grammar at its end), decoder.go and decode.go.
    """

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self.value_type: Type | None = None
        self._max_value = limits.gob_message_bytes
        self._inbox = Inbox(limits.gob_message_bytes)
        self._catalogue = Catalogue(limits)
        self._crossing: tuple[CrossingReader, Reading] | None = None
        self._value_bytes = 0
        self._message = b""
        self._error: RemoteProtocolError | None = None

    @property
    def offset(self) -> int:
        """Where the message read last begins, after its count, in bytes from the start of the stream."""
        return self._inbox.offset

    def receive_data(self, data: bytes) -> None:
        """Take in the next bytes of the stream, however they are cut.

        Raises:
            RemoteProtocolError: The stream was found broken before.
        """
        if self._error is not None:
            raise self._error
        self._inbox.append(data)

    def next_value(self) -> object:
        """The next value, or `NEED_DATA`.

        Raises:
            RemoteProtocolError: The bytes break a rule of gob or go beyond a limit. The stream cannot be read on: every
                later call raises the same error.
        """
        if self._error is not None:
            raise self._error
        try:
            return self._next_value()
        except MalformedError as error:
            self._fail(error.rule, error.position)
        except IndexError:
            self._fail(_TRUNCATED, len(self._message))

    def _next_value(self) -> object:
        while (message := self._inbox.take()) is not None:
            self._message = message
            self._catalogue.chunk_end = len(message)
            value = self._read(message) if self._crossing is None else self._read_on(message)
            if value is not NEED_DATA:
                return value
        self._message = b""
        return NEED_DATA

    def _read(self, message: bytes) -> object:
        """The value in a message that begins one, `NEED_DATA` if it defines a type or ends before the value does."""
        self._catalogue.budget.renew()
        type_id, pos = read_int(message, 0)
        if type_id < 0:
            end = self._catalogue.define(-type_id, message, pos)
            self._check_end(end, "a type definition")
            return NEED_DATA
        self.value_type = type_ = self._catalogue.type_of(type_id, pos)
        if self._catalogue.readers.crosses(type_):
            reader = CrossingReader(self._catalogue, message, pos)
            self._crossing = reader, reader.read(type_)
            self._value_bytes = 0
            return self._read_on(None)
        value, end = self._catalogue.body(type_id, pos)(message, pos, 1)
        self._check_end(end, "a value")
        return value

    def _read_on(self, message: bytes | None) -> object:
        """The same for a message that continues the value of the one before, or for the first of a value (None)."""
        assert self._crossing is not None  # noqa: S101 - what the caller has looked at, told to the type checker
        reader, reading = self._crossing
        self._value_bytes += len(self._message)
        if self._value_bytes > self._max_value:
            raise MalformedError(
                0, f"a value of more than {self._max_value} bytes in several messages"
            )
        try:
            if message is None:
                next(reading)
            else:
                reading.send(message)
        except StopIteration as end:
            self._crossing = None
            self._check_end(reader.pos, "a value")
            return end.value
        return NEED_DATA

    def _check_end(self, pos: int, what: str) -> None:
        excess = len(self._message) - pos
        if excess:
            raise MalformedError(
                pos, f"{excess} bytes after {what}, expected the end of the message"
            )

    def _fail(self, rule: str, position: int) -> NoReturn:
        self._crossing = None
        if position > len(self._message):  # a number that the end of the message cuts short
            rule, position = _TRUNCATED, len(self._message)
        self._error = RemoteProtocolError(rule, self._inbox.offset + position)
        raise self._error from None
