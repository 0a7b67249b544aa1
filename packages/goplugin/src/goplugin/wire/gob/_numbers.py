"""gob's numbers: one byte below 128, otherwise the negated count of bytes and then the bytes, high byte first.

Reading does not look whether the bytes are there: a slice beyond the end is short, the position goes past the end, and the
next read of a byte raises IndexError, or the reader of the whole message finds the position past its end. So truncated
input costs the hot path nothing.
"""

from struct import Struct as _Packer

DOUBLE = _Packer("<d")
LARGEST_UINT = 2**64 - 1


class MalformedError(Exception):
    """Bytes that break a rule; `position` counts from the start of the message."""

    def __init__(self, position: int, rule: str) -> None:
        super().__init__(position, rule)
        self.position = position
        self.rule = rule


def read_uint(data: bytes, pos: int) -> tuple[int, int]:
    """The unsigned number at `pos`, and the position after it (Go: decoderState.decodeUint)."""
    first = data[pos]
    if first < 128:
        return first, pos + 1
    end = pos + 257 - first
    if first < 248:
        raise MalformedError(pos, f"a number has {256 - first} bytes, expected at most 8")
    return int.from_bytes(data[pos + 1 : end], "big"), end


def read_int(data: bytes, pos: int) -> tuple[int, int]:
    """The signed number at `pos`, and the position after it (Go: decoderState.decodeInt)."""
    value, pos = read_uint(data, pos)
    return (~(value >> 1) if value & 1 else value >> 1), pos


def read_float(data: bytes, pos: int) -> tuple[float, int]:
    """The number at `pos`: the bytes of an IEEE 754 double in reverse, leading zeros left out (Go: float64FromBits)."""
    first = data[pos]
    if first < 128:
        raw, end = bytes((first,)), pos + 1
    elif first < 248:
        raise MalformedError(pos, f"a number has {256 - first} bytes, expected at most 8")
    else:
        end = pos + 257 - first
        raw = data[pos + 1 : end]
    value: float = DOUBLE.unpack(raw.rjust(8, b"\0"))[0]
    return value, end


def write_uint(out: bytearray, value: int) -> None:
    """Append `value`, 0 to 2**64 - 1 (Go: encoderState.encodeUint)."""
    if value < 128:
        out.append(value)
        return
    size = (value.bit_length() + 7) >> 3
    out.append(256 - size)
    out += value.to_bytes(size, "big")


def write_int(out: bytearray, value: int) -> None:
    """Append `value`, -2**63 to 2**63 - 1 (Go: encoderState.encodeInt)."""
    write_uint(out, value << 1 if value >= 0 else (~value << 1) | 1)


def write_float(out: bytearray, value: float) -> None:
    """Append `value` (Go: floatBits and encodeUint)."""
    raw = DOUBLE.pack(value).lstrip(b"\0")
    if len(raw) > 1 or raw >= b"\x80":
        out.append(256 - len(raw))
    out += raw or b"\0"
