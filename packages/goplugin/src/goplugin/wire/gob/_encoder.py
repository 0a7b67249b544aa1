"""The encoder: values in, bytes of a stream out."""

from goplugin.wire._errors import LocalProtocolError
from goplugin.wire._limits import DEFAULT_LIMITS, Limits
from goplugin.wire.gob import _writers
from goplugin.wire.gob._numbers import write_int, write_uint
from goplugin.wire.gob._types import (
    BOOL,
    BYTES,
    COMPLEX,
    FLOAT,
    INT,
    INTERFACE,
    STRING,
    UINT,
    Array,
    Interface,
    Map,
    Opaque,
    Slice,
    Struct,
    Type,
    collect,
    describe,
)
from goplugin.wire.gob._wiretypes import (
    BUILTINS,
    FIRST_USER_ID,
    LONGEST_TYPE_NAME,
    WIRE_TYPE,
    write_definition,
)
from goplugin.wire.gob._writers import Parts, UnwritableError, Writer

_BASIC: dict[Type, Writer] = {
    BOOL: _writers.write_bool,
    INT: _writers.write_signed,
    UINT: _writers.write_unsigned,
    FLOAT: _writers.write_double,
    BYTES: _writers.write_bytes,
    STRING: _writers.write_string,
    COMPLEX: _writers.write_complex,
}

_BUILTIN_IDS = {type_: type_id for type_id, type_ in BUILTINS.items()}


class Encoder:
    """Writes the values of one gob stream, each type's definition once, before the first value that needs it.

    The form of a value is what `Decoder` gives. In a struct, fields that are absent, None or zero are left out as Go leaves
    them out; an empty map, struct or array and empty bytes of a type with an encoding of its own are sent. A pointer is its
    target, nil is None. Go ends a message where a type is first met inside an interface; here all definitions come before
    the value, which every decoder of gob reads the same way.

    Source: Go's encoding/gob, doc.go, encoder.go and encode.go.
    """

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._ids: dict[Type, int] = dict(_BUILTIN_IDS)
        self._writers: dict[Type, Writer] = {**_BASIC, INTERFACE: self._write_interface}
        self._definitions = bytearray()
        self._write_definition = self._writer(WIRE_TYPE)

    def encode(self, type_: Type, value: object) -> bytes:
        """The bytes of `value`, after the definitions of the types in it that the stream has not seen.

        Raises:
            LocalProtocolError: The value is not of its type, or beyond a limit. It names the place in the value and what
                was found there; the stream is as it was before.
        """
        known = len(self._ids)
        try:
            return self._encode(type_, value)
        except UnwritableError as error:
            self._forget_types(known)
            raise LocalProtocolError(f"{describe(type_)}{error.place}: {error.reason}") from None
        except BaseException:
            self._forget_types(known)
            raise
        finally:
            self._definitions.clear()

    def _forget_types(self, known: int) -> None:
        """Take back the ids beyond the first `known`: their definitions are not sent."""
        while len(self._ids) > known:
            type_, _ = self._ids.popitem()
            self._writers.pop(type_, None)

    def _encode(self, type_: Type, value: object) -> bytes:
        write = self._writer(type_)
        body = bytearray()
        write_int(body, self._ids[type_])
        self._write_alone(body, type_, write, value, 1)
        if len(body) > self._limits.gob_message_bytes:
            raise UnwritableError(
                f"expected at most {self._limits.gob_message_bytes} bytes, found {len(body)}"
            )
        message = bytearray(self._definitions)
        write_uint(message, len(body))
        message += body
        return bytes(message)

    def _write_alone(
        self, out: bytearray, type_: Type, write: Writer, value: object, depth: int
    ) -> None:
        """A value that stands for itself; a zero marks the one that is no struct (Go: encodeSingle)."""
        if not isinstance(type_, Struct):
            out.append(0)
        write(out, value, depth)

    def _write_interface(self, out: bytearray, value: object, depth: int) -> None:
        """Name, type id, count, value; a nil interface is the empty name (Go: encodeInterface)."""
        if value is None:
            out.append(0)
            return
        if not isinstance(value, Interface):
            raise _writers.wrong_type("Interface or None", value)
        if depth > self._limits.gob_depth:
            raise _writers.too_deep(self._limits.gob_depth)
        if value.type is None:
            raise UnwritableError("expected an Interface with a type, found one without")
        name = _writers.encode_text(value.name)
        if not 0 < len(name) <= LONGEST_TYPE_NAME:
            raise UnwritableError(
                f"expected a registered name of 1 to {LONGEST_TYPE_NAME} bytes, found {len(name)}"
            )
        write = self._writer(value.type)
        contents = bytearray()
        try:
            self._write_alone(contents, value.type, write, value.value, depth + 1)
        except UnwritableError as error:
            error.path.append(f"[{value.name}]")
            raise
        write_uint(out, len(name))
        out += name
        write_int(out, self._ids[value.type])
        write_uint(out, len(contents))
        out += contents

    def _writer(self, type_: Type) -> Writer:
        if type_ not in self._writers:
            self._compile(type_)
        return self._writers[type_]

    def _compile(self, type_: Type) -> None:
        """Give ids to the type and all that it is made of, make their writers and queue their definitions."""
        new = collect(type_, self._writers)
        unknown = sum(found not in self._ids for found in new)
        if len(self._ids) + unknown - len(BUILTINS) > self._limits.gob_types:
            raise UnwritableError(
                f"expected at most {self._limits.gob_types} types on one stream, found more: "
                "declare a type once and use it for every value"
            )
        writers: dict[Type, Parts] = {found: [] for found in new}
        for found in new:
            self._ids.setdefault(found, FIRST_USER_ID + 1 + len(self._ids) - len(BUILTINS))
            self._writers[found] = self._make(found, writers[found])
        for found, parts in new.items():
            writers[found] += (
                (name, self._writers[part], _sends_empty(part)) for name, part in parts
            )
        for found in new:
            if self._ids[found] >= FIRST_USER_ID:
                self._define(found)

    def _make(self, type_: Type, parts: Parts) -> Writer:
        max_depth = self._limits.gob_depth
        match type_:
            case Struct():
                return _writers.struct_writer(type_, parts, max_depth)
            case Slice() | Array():
                return _writers.sequence_writer(type_, parts, max_depth)
            case Map():
                return _writers.map_writer(parts, max_depth)
        return _writers.write_bytes

    def _define(self, type_: Type) -> None:
        """Queue the message that defines the type (Go: sendActualType)."""
        type_id = self._ids[type_]
        message = bytearray()
        write_int(message, -type_id)
        self._write_definition(message, write_definition(type_, type_id, self._ids.__getitem__), 1)
        write_uint(self._definitions, len(message))
        self._definitions += message


def _sends_empty(type_: Type) -> bool:
    """Whether an empty value of the type is sent in a struct (Go: the tests of sendZero in encode.go)."""
    return isinstance(type_, (Map, Struct, Array, Opaque))
