"""Writers of values: for each type a function made once, which appends to a buffer.

A writer takes the buffer, the value and the depth of nesting. Writers of composite types find those of their parts in a list
that is filled when all of them exist, so that types may be recursive. They trust the value to have the form of its type:
what the operations in them raise otherwise tells the caller's mistake.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from goplugin.wire.gob._numbers import LARGEST_UINT, write_float, write_int, write_uint
from goplugin.wire.gob._types import Array, Struct, Type, describe

Writer: TypeAlias = Callable[[bytearray, object, int], None]
Parts: TypeAlias = list[tuple[str, Writer, bool]]
"""Name (of a struct's field, else empty) and writer of each part, and whether an empty value of it is sent in a struct."""


class UnwritableError(Exception):
    """A value that is not of its type.

    Attributes:
        path: The way to it from the outermost value, innermost first.
        reason: What was found and what was expected, never the value itself: values may be secret.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.path: list[str] = []
        self.reason = reason

    @property
    def place(self) -> str:
        """The path as Python would write it: `.Spec.Metrics[0].Name`."""
        steps = reversed(self.path)
        return "".join(step if step.startswith("[") else f".{step}" for step in steps)


def wrong_type(expected: str, value: object) -> UnwritableError:
    """The error of a value of another Python type."""
    return UnwritableError(f"expected {expected}, found {type(value).__name__}")


def write_bool(out: bytearray, value: object, _depth: int) -> None:
    """A bool."""
    if not isinstance(value, bool):
        raise wrong_type("bool", value)
    out.append(value)


def write_signed(out: bytearray, value: object, _depth: int) -> None:
    """A signed integer."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong_type("int", value)
    if not -(2**63) <= value < 2**63:
        raise UnwritableError("expected an int of -2**63 to 2**63 - 1, found one beyond")
    write_int(out, value)


def write_unsigned(out: bytearray, value: object, _depth: int) -> None:
    """An unsigned integer."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong_type("int", value)
    if not 0 <= value <= LARGEST_UINT:
        raise UnwritableError("expected an int of 0 to 2**64 - 1, found one beyond")
    write_uint(out, value)


def write_double(out: bytearray, value: object, _depth: int) -> None:
    """A float."""
    if not isinstance(value, (float, int)) or isinstance(value, bool):
        raise wrong_type("float", value)
    try:
        write_float(out, float(value))
    except OverflowError:
        raise UnwritableError("expected a float, found an int beyond its range") from None


def write_complex(out: bytearray, value: object, _depth: int) -> None:
    """A complex number: real part, imaginary part."""
    if not isinstance(value, (complex, float)):
        raise wrong_type("complex", value)
    write_float(out, value.real)
    write_float(out, value.imag)


def write_bytes(out: bytearray, value: object, _depth: int) -> None:
    """Bytes after their count."""
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise wrong_type("bytes", value)
    raw = bytes(value)
    write_uint(out, len(raw))
    out += raw


def write_string(out: bytearray, value: object, _depth: int) -> None:
    """A string: UTF-8, and lone surrogates as the bytes they stand for."""
    if not isinstance(value, str):
        raise wrong_type("str", value)
    try:
        raw = value.encode()  # twice as fast as with an error handler
    except UnicodeEncodeError:
        raw = encode_text(value)
    size = len(raw)
    if size < 128:
        out.append(size)
    else:
        write_uint(out, size)
    out += raw


def encode_text(value: str) -> bytes:
    """UTF-8, and lone surrogates as the bytes they stand for."""
    try:
        return value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise UnwritableError(
            "expected a str that UTF-8 can hold, found a lone surrogate in it"
        ) from None


def struct_writer(type_: Struct, parts: Parts, max_depth: int) -> Writer:
    """A struct: pairs of a field's distance from the one before and its value, then a zero (Go: encodeStruct)."""
    known = frozenset(name for name, _ in type_.fields)

    def write_struct(out: bytearray, value: object, depth: int) -> None:
        if depth > max_depth:
            raise too_deep(max_depth)
        fields = value if isinstance(value, dict) else _as_mapping(type_, value)
        get = fields.get
        written = -1
        number = 0
        inner = depth + 1
        try:
            for name, write, sends_empty in parts:
                item = get(name)
                if item or (sends_empty and item is not None):
                    delta = number - written
                    if delta < 128:
                        out.append(delta)
                    else:
                        write_uint(out, delta)
                    write(out, item, inner)
                    written = number
                number += 1
        except UnwritableError as error:
            error.path.append(name)
            raise
        out.append(0)
        if not known.issuperset(fields):
            raise _unknown_fields(type_, fields, known)

    return write_struct


def _as_mapping(type_: Type, value: object) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    if isinstance(value, tuple) and all(isinstance(p, tuple) and len(p) == 2 for p in value):
        return dict(value)  # a struct in the key of a map
    raise wrong_type(f"a mapping for struct {describe(type_)}", value)


def _unknown_fields(
    type_: Type, value: Mapping[str, object], known: frozenset[str]
) -> UnwritableError:
    unknown = ", ".join(sorted(repr(name) for name in value if name not in known))
    return UnwritableError(
        f"struct {describe(type_)} has no field {unknown}; its fields: {', '.join(sorted(known))}"
    )


def sequence_writer(type_: Type, parts: Parts, max_depth: int) -> Writer:
    """A slice or an array: a count, then the elements, zeros too (Go: encodeArray)."""
    length = type_.length if isinstance(type_, Array) else None

    def write_sequence(out: bytearray, value: object, depth: int) -> None:
        if depth > max_depth:
            raise too_deep(max_depth)
        if not isinstance(value, (list, tuple)):
            raise wrong_type("list", value)
        if length is not None and len(value) != length:
            raise UnwritableError(
                f"expected the {length} elements of {describe(type_)}, found {len(value)}"
            )
        write_uint(out, len(value))
        ((_, write, _),) = parts
        inner = depth + 1
        try:
            for index, element in enumerate(value):  # noqa: B007 - the index is for the error below
                write(out, element, inner)
        except UnwritableError as error:
            error.path.append(f"[{index}]")
            raise

    return write_sequence


def map_writer(parts: Parts, max_depth: int) -> Writer:
    """A map: a count, then pairs of key and value, zeros too (Go: encodeMap, in an order of its own)."""

    def write_map(out: bytearray, value: object, depth: int) -> None:
        if depth > max_depth:
            raise too_deep(max_depth)
        if not isinstance(value, Mapping):
            raise wrong_type("a mapping", value)
        write_uint(out, len(value))
        (_, write_key, _), (_, write, _) = parts
        inner = depth + 1
        try:
            for index, (key, element) in enumerate(value.items()):  # noqa: B007 - as above
                write_key(out, key, inner)
                write(out, element, inner)
        except UnwritableError as error:
            error.path.append(f"[entry {index}]")  # a key may be secret
            raise

    return write_map


def too_deep(max_depth: int) -> UnwritableError:
    """The error of a value nested too deeply, such as one that holds itself."""
    return UnwritableError(f"expected at most {max_depth} levels of nesting, found more")
