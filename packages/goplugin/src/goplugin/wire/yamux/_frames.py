"""The 12-byte frame header (spec.md, "Framing"; const.go)."""

import struct
from dataclasses import dataclass
from enum import IntEnum, IntFlag

VERSION = 0
HEADER_BYTES = 12
SESSION_ID = 0
MAX_UINT32 = 2**32 - 1

_HEADER = struct.Struct(">BBHII")


class FrameType(IntEnum):
    """What a frame is for (spec.md, "Type Field")."""

    DATA = 0
    WINDOW_UPDATE = 1
    PING = 2
    GO_AWAY = 3


class Flag(IntFlag):
    """Changes of a stream's life that ride on a frame (spec.md, "Flag Field"). Other bits are ignored, as in Go."""

    NONE = 0
    SYN = 1
    ACK = 2
    FIN = 4
    RST = 8


class GoAwayCode(IntEnum):
    """Why a session ends (spec.md, "Session termination")."""

    NORMAL = 0
    PROTOCOL_ERROR = 1
    INTERNAL_ERROR = 2


@dataclass(frozen=True, slots=True)
class Header:
    """One frame's header.

    Attributes:
        version: Always 0.
        type: One of `FrameType` in a valid frame.
        flags: Bits of `Flag`.
        stream_id: The stream, or 0 for the session.
        length: Bytes of data, a window's growth in bytes, a ping's value, or a `GoAwayCode`.
    """

    version: int
    type: int
    flags: int
    stream_id: int
    length: int

    @classmethod
    def from_bytes(cls, data: bytes | bytearray) -> "Header":
        """Reads a header from exactly 12 bytes. Nothing is validated here."""
        return cls(*_HEADER.unpack(data))


def encode_header(frame_type: FrameType, flags: Flag, stream_id: int, length: int) -> bytes:
    """Returns the 12 bytes of a header; of a data frame, `length` bytes have to follow."""
    return _HEADER.pack(VERSION, frame_type, flags, stream_id, length)
