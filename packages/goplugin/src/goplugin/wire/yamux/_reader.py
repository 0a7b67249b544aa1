"""Cuts received bytes into frame headers and pieces of data."""

from typing import Never

from goplugin.wire._errors import RemoteProtocolError
from goplugin.wire.yamux._frames import HEADER_BYTES, LAST_TYPE, VERSION, FrameType, Header


class FrameReader:
    """Reads frames from bytes that may be cut anywhere. Keeps at most one header; data is handed on as it arrives.

    Attributes:
        payload_left: Bytes of the current data frame that have yet to arrive.
        frame_offset: Where the current frame begins in the stream.
    """

    def __init__(self) -> None:
        self._input = b""
        self._pos = 0
        self._header = b""
        self._offset = 0  # of the input
        self.payload_left = 0
        self.frame_offset = 0

    def feed(self, data: bytes) -> None:
        """Takes the next bytes; all earlier ones have to be read, `next_item` has returned None."""
        self._offset += len(self._input)
        self._input = data
        self._pos = 0

    def next_item(self) -> Header | bytes | None:
        """Returns the next header, the next piece of the current frame's data, or None where more bytes are needed.

        Raises:
            RemoteProtocolError: A header has another version or an unknown type.
        """
        start = self._pos
        if self.payload_left:
            piece = self._input[start : start + self.payload_left]
            self._pos = start + len(piece)
            self.payload_left -= len(piece)
            return piece or None
        if not self._header:
            self.frame_offset = self._offset + start
        end = start + HEADER_BYTES - len(self._header)
        data = self._header + self._input[start:end]
        if len(data) < HEADER_BYTES:
            self._header = data
            self._pos = len(self._input)
            return None
        self._header = b""
        self._pos = end
        header = Header.from_bytes(data)
        if header.version != VERSION or header.type > LAST_TYPE:
            self._refuse(header)
        if header.type == FrameType.DATA:
            self.payload_left = header.length
        return header

    def _refuse(self, header: Header) -> Never:
        if header.version != VERSION:
            raise RemoteProtocolError(
                f"yamux version is {header.version}, expected {VERSION}", self.frame_offset
            )
        raise RemoteProtocolError(
            f"yamux frame type is {header.type}, expected 0 to {LAST_TYPE}", self.frame_offset
        )
