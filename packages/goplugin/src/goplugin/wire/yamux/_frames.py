"""The 12-byte frame header (spec.md, "Framing"; const.go)."""

import struct
from enum import IntEnum
from typing import Final, NamedTuple

VERSION = 0
HEADER_BYTES = 12
SESSION_ID = 0
MAX_UINT32 = 2**32 - 1

_HEADER = struct.Struct(">BBHII")


class FrameType:
    """What a frame is for (spec.md, "Type Field"): plain numbers, since enums cost more than the rest of a frame."""

    DATA: Final = 0
    WINDOW_UPDATE: Final = 1
    PING: Final = 2
    GO_AWAY: Final = 3


LAST_TYPE: Final = FrameType.GO_AWAY


class Flag:
    """Changes of a stream's life that ride on a frame (spec.md, "Flag Field"). Other bits are ignored, as in Go."""

    NONE: Final = 0
    SYN: Final = 1
    ACK: Final = 2
    FIN: Final = 4
    RST: Final = 8


class GoAwayCode(IntEnum):
    """Why a session ends (spec.md, "Session termination")."""

    NORMAL = 0
    PROTOCOL_ERROR = 1
    INTERNAL_ERROR = 2


class Header(NamedTuple):
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
    def from_bytes(cls, data: bytes) -> "Header":
        """Reads a header from exactly 12 bytes. Nothing is validated here."""
        return cls._make(_HEADER.unpack(data))


def encode_header(frame_type: int, flags: int, stream_id: int, length: int) -> bytes:
    """Returns the 12 bytes of a header; of a data frame, `length` bytes have to follow."""
    return _HEADER.pack(VERSION, frame_type, flags, stream_id, length)
