"""What a session has to send, and in which order.

Frames are built as late as possible: a reset drops what was queued before it, window updates of one stream merge, and a ping
waits behind one data frame at most.
"""

from collections import deque

from goplugin.wire.yamux._frames import HEADER_BYTES, Flag, FrameType, encode_header
from goplugin.wire.yamux._states import Input, State
from goplugin.wire.yamux._stream import Stream


class Output:
    """The send side of one session.

    Order: control frames first, then window updates (with the SYN or ACK that they carry), then the data and FINs of all
    streams in turn, one frame each.

    Args:
        frame_bytes: Most bytes of data in one frame.
    """

    def __init__(self, frame_bytes: int) -> None:
        self._frame_bytes = frame_bytes
        self._built = bytearray()
        self._control: deque[bytes] = deque()
        self._owing_update: dict[int, Stream] = {}
        self._writable: dict[int, Stream] = {}
        self._queued_bytes = 0

    @property
    def control_frames(self) -> int:
        """Control frames that nobody has taken yet."""
        return len(self._control)

    @property
    def queued_bytes(self) -> int:
        """Data queued on all streams, inside and outside the peer's windows, not yet put in frames."""
        return self._queued_bytes

    @property
    def bytes_to_send(self) -> int:
        """How many bytes `take` would return now."""
        frames = len(self._control) + len(self._owing_update)
        data = sum(stream.wire_bytes(self._frame_bytes) for stream in self._writable.values())
        return len(self._built) + frames * HEADER_BYTES + data

    def add_control(self, frame_type: int, flags: int, stream_id: int, length: int) -> None:
        """Queues a frame without data, ahead of all data."""
        self._control.append(encode_header(frame_type, flags, stream_id, length))

    def owe_update(self, stream: Stream) -> None:
        """Notes that a window update, a SYN or an ACK of the stream has to be sent."""
        self._owing_update[stream.id] = stream

    def queue(self, stream: Stream, data: bytes) -> None:
        """Queues data on a stream."""
        stream.queue += data
        self._queued_bytes += len(data)
        self.refresh(stream)

    def refresh(self, stream: Stream) -> None:
        """Looks again whether a stream has something that can be sent."""
        if stream.sendable_bytes or stream.fin_is_due:
            self._writable[stream.id] = stream

    def forget(self, stream: Stream) -> None:
        """Drops what was to be sent on a stream."""
        self._queued_bytes -= len(stream.queue)
        stream.queue.clear()
        self._owing_update.pop(stream.id, None)
        self._writable.pop(stream.id, None)

    def clear(self) -> None:
        """Drops all that was to be sent, except the frames that are built: a part of one may be on its way."""
        self._control.clear()
        self._owing_update.clear()
        self._writable.clear()
        self._queued_bytes = 0

    def take(self, max_bytes: int | None) -> tuple[bytes, set[Stream]]:
        """Returns the next bytes to be sent and the streams whose state their frames have changed."""
        changed: set[Stream] = set()
        while (max_bytes is None or len(self._built) < max_bytes) and self._build_frame(changed):
            pass
        data = bytes(self._built[:max_bytes])
        del self._built[: len(data)]
        return data, changed

    def _build_frame(self, changed: set[Stream]) -> bool:
        if self._control:
            self._built += self._control.popleft()
        elif self._owing_update:
            changed.add(self._build_update())
        elif self._writable:
            stream = self._writable.pop(next(iter(self._writable)))
            if stream.fin_is_due:
                changed.add(self._build_fin(stream))
            else:
                self._build_data(stream)
        else:
            return False
        return True

    def _build_update(self) -> Stream:
        stream = self._owing_update.pop(next(iter(self._owing_update)))
        flags = Flag.NONE
        if stream.state is State.INIT:
            stream.advance(Input.SEND_SYN)
            flags = Flag.SYN
        elif stream.owes_ack:
            stream.advance(Input.SEND_ACK)
            stream.owes_ack = False
            flags = Flag.ACK
        delta = stream.receive_window.grant()
        self._built += encode_header(FrameType.WINDOW_UPDATE, flags, stream.id, delta)
        return stream

    def _build_fin(self, stream: Stream) -> Stream:
        stream.advance(Input.SEND_FIN)
        self._built += encode_header(FrameType.WINDOW_UPDATE, Flag.FIN, stream.id, 0)
        return stream

    def _build_data(self, stream: Stream) -> None:
        count = min(stream.sendable_bytes, self._frame_bytes)
        stream.advance(Input.SEND_DATA)
        stream.send_window.send(count)
        self._built += encode_header(FrameType.DATA, Flag.NONE, stream.id, count)
        self._built += stream.queue[:count]
        del stream.queue[:count]
        self._queued_bytes -= count
        self.refresh(stream)
