"""Cuts received bytes into frame headers and pieces of data."""

from goplugin.wire._errors import RemoteProtocolError
from goplugin.wire.yamux._frames import HEADER_BYTES, VERSION, FrameType, Header


class FrameReader:
    """Reads frames from bytes that may be cut anywhere. Keeps at most one header; data is handed on as it arrives."""

    def __init__(self) -> None:
        self._input = memoryview(b"")
        self._header = bytearray()
        self._payload_left = 0
        self._offset = 0
        self.frame_offset = 0

    @property
    def payload_left(self) -> int:
        """Bytes of the current data frame that have yet to arrive."""
        return self._payload_left

    def feed(self, data: bytes) -> None:
        """Takes the next bytes; all earlier ones have to be read, `next_item` has returned None."""
        self._input = memoryview(data)

    def next_item(self) -> Header | bytes | None:
        """Returns the next header, the next piece of the current frame's data, or None where more bytes are needed.

        Raises:
            RemoteProtocolError: A header has another version or an unknown type.
        """
        if self._payload_left:
            return bytes(self._cut(self._payload_left)) or None
        if not self._header:
            self.frame_offset = self._offset
        self._header += self._cut(HEADER_BYTES - len(self._header))
        if len(self._header) < HEADER_BYTES:
            return None
        header = Header.from_bytes(self._header)
        self._header.clear()
        self._validate(header)
        if header.type == FrameType.DATA:
            self._payload_left = header.length
        return header

    def _cut(self, count: int) -> memoryview:
        piece = self._input[:count]
        self._input = self._input[count:]
        self._offset += len(piece)
        if self._payload_left:
            self._payload_left -= len(piece)
        return piece

    def _validate(self, header: Header) -> None:
        if header.version != VERSION:
            raise RemoteProtocolError(
                f"yamux version is {header.version}, expected {VERSION}", self.frame_offset
            )
        if header.type > max(FrameType):
            raise RemoteProtocolError(
                f"yamux frame type is {header.type}, expected 0 to {max(FrameType)}",
                self.frame_offset,
            )
