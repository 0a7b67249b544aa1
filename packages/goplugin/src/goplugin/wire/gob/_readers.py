"""Readers of values that lie in one message: for each type a function made once, which then runs on bytes and an index.

A reader takes the message, the position and the depth of nesting, and returns the value and the position after it. Readers
of composite types find those of their parts in a list that is filled when all of them exist, so that types may be recursive.
"""

from collections.abc import Callable
from typing import TypeAlias

from goplugin.wire.gob._budget import Budget
from goplugin.wire.gob._numbers import MalformedError, read_float, read_uint
from goplugin.wire.gob._types import Interface

Reader: TypeAlias = Callable[[bytes, int, int], tuple[object, int]]
Parts: TypeAlias = list[tuple[str, Reader]]
"""Name (of a struct's field, else empty) and reader of each part of a composite type."""


def read_bool(data: bytes, pos: int, _depth: int) -> tuple[bool, int]:
    """A bool: every number but 0 is true (Go: decBool)."""
    value, pos = read_uint(data, pos)
    return value != 0, pos


def read_signed(data: bytes, pos: int, _depth: int) -> tuple[int, int]:
    """A signed integer."""
    value = data[pos]
    pos += 1
    if value > 127:
        value, pos = read_uint(data, pos - 1)
    return (~(value >> 1) if value & 1 else value >> 1), pos


def read_unsigned(data: bytes, pos: int, _depth: int) -> tuple[int, int]:
    """An unsigned integer."""
    return read_uint(data, pos)


def read_double(data: bytes, pos: int, _depth: int) -> tuple[float, int]:
    """A float."""
    return read_float(data, pos)


def read_complex(data: bytes, pos: int, _depth: int) -> tuple[complex, int]:
    """A complex number: real part, imaginary part (Go: decComplex128)."""
    real, pos = read_float(data, pos)
    imag, pos = read_float(data, pos)
    return complex(real, imag), pos


def read_bytes(data: bytes, pos: int, _depth: int) -> tuple[bytes, int]:
    """Bytes after their count: []byte and whatever encodes itself (Go: decUint8Slice, decodeGobDecoder)."""
    size = data[pos]
    pos += 1
    if size > 127:
        size, pos = read_uint(data, pos - 1)
    end = pos + size
    return data[pos:end], end


def read_string(data: bytes, pos: int, _depth: int) -> tuple[str, int]:
    """A string; Go does not demand UTF-8, so other bytes become lone surrogates."""
    size = data[pos]
    pos += 1
    if size > 127:
        size, pos = read_uint(data, pos - 1)
    end = pos + size
    try:
        return data[pos:end].decode(), end
    except UnicodeDecodeError:
        return data[pos:end].decode("utf-8", "surrogateescape"), end


def struct_reader(parts: Parts, budget: Budget) -> Reader:
    """A struct: pairs of a field's distance from the one before and its value, up to a zero (Go: decodeStruct)."""
    max_depth = budget.max_depth

    def read_struct(data: bytes, pos: int, depth: int) -> tuple[dict[str, object], int]:
        if depth > max_depth:
            raise budget.too_deep(pos)
        value: dict[str, object] = {}
        inner = depth + 1
        number = -1
        while delta := data[pos]:
            pos += 1
            if delta > 127:
                delta, pos = read_delta(data, pos - 1)
            number += delta
            try:
                name, read = parts[number]
            except IndexError:
                raise no_such_field(pos, number, len(parts)) from None
            value[name], pos = read(data, pos, inner)
        budget.left -= len(value) + 1
        if budget.left < 0:
            raise budget.too_many(pos)
        return value, pos + 1

    return read_struct


def read_delta(data: bytes, pos: int) -> tuple[int, int]:
    """A field's distance in several bytes; one of zero would name the same field for ever."""
    delta, end = read_uint(data, pos)
    if delta == 0:
        raise MalformedError(
            pos, "a field's distance is a zero in several bytes, expected one byte"
        )
    return delta, end


def no_such_field(pos: int, number: int, count: int) -> MalformedError:
    """The error of a field number that the struct's type does not have (Go: errRange)."""
    return MalformedError(pos, f"field number {number} in a struct type of {count} fields")


def sequence_reader(parts: Parts, budget: Budget, length: int | None = None) -> Reader:
    """A slice, or an array of `length`: a count, then the elements (Go: decodeSlice, decodeArray)."""
    max_depth = budget.max_depth

    def read_sequence(data: bytes, pos: int, depth: int) -> tuple[list[object], int]:
        if depth > max_depth:
            raise budget.too_deep(pos)
        start = pos
        count, pos = read_uint(data, pos)
        if length is not None and count != length:
            raise wrong_length(start, count, length)
        budget.spend_in_message(count, start, len(data) - pos)
        inner = depth + 1
        ((_, read),) = parts
        value: list[object] = []
        append = value.append
        for _ in range(count):
            element, pos = read(data, pos, inner)
            append(element)
        return value, pos

    return read_sequence


def wrong_length(pos: int, count: int, length: int) -> MalformedError:
    """The error of an array whose count is not its type's."""
    return MalformedError(pos, f"an array of {count} elements, expected {length} as in its type")


def map_reader(parts: Parts, budget: Budget) -> Reader:
    """A map: a count, then pairs of key and value (Go: decodeMap). Of equal keys the last one stays, as in Go."""
    max_depth = budget.max_depth

    def read_map(data: bytes, pos: int, depth: int) -> tuple[dict[object, object], int]:
        if depth > max_depth:
            raise budget.too_deep(pos)
        start = pos
        count, pos = read_uint(data, pos)
        budget.spend_in_message(2 * count, start, len(data) - pos)
        inner = depth + 1
        (_, read_key), (_, read) = parts
        value: dict[object, object] = {}
        for _ in range(count):
            key, pos = read_key(data, pos, inner)
            element, pos = read(data, pos, inner)
            try:
                value[key] = element
            except TypeError:
                value[hashable(key)] = element
        return value, pos

    return read_map


def singleton_reader(read: Reader) -> Reader:
    """A value that stands for itself and is no struct: a zero, then the value (Go: decodeSingle)."""

    def read_singleton(data: bytes, pos: int, depth: int) -> tuple[object, int]:
        if data[pos]:
            raise MalformedError(
                pos, "a value that is no struct begins with a field number, expected a zero"
            )
        return read(data, pos + 1, depth)

    return read_singleton


def hashable(value: object) -> object:
    """The form of a decoded value that can be a key: see `Map`."""
    if isinstance(value, list):
        return tuple(map(hashable, value))
    if isinstance(value, dict):
        return tuple((hashable(key), hashable(element)) for key, element in value.items())
    if isinstance(value, Interface):
        return Interface(value.name, hashable(value.value), value.type)
    return value
