"""What a session does with the frames of its peer (session.go: handleStreamMessage, handlePing, handleGoAway)."""

from typing import Never

from goplugin.wire._errors import RemoteProtocolError
from goplugin.wire.yamux._core import Core
from goplugin.wire.yamux._events import (
    DataReceived,
    Event,
    GoAwayReceived,
    PingAcknowledged,
    PingReceived,
    StreamAccepted,
    StreamEnded,
    StreamOpened,
    StreamReset,
    WindowOpened,
)
from goplugin.wire.yamux._frames import SESSION_ID, Flag, FrameType, GoAwayCode, Header
from goplugin.wire.yamux._reader import FrameReader
from goplugin.wire.yamux._states import Input, State
from goplugin.wire.yamux._stream import Stream


class Incoming:
    """The receive side of one session.

    Args:
        core: The session's state.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._reader = FrameReader()
        self._events: list[Event] = []
        self._sink: Stream | None = None  # where the current frame's data goes; None drops it
        self._sink_ends = False

    @property
    def is_inside_frame(self) -> bool:
        """Whether the rest of a data frame has yet to arrive."""
        return self._reader.payload_left > 0

    def receive(self, data: bytes) -> list[Event]:
        """Reads bytes and returns what they mean.

        Raises:
            RemoteProtocolError: They break a rule.
        """
        self._events = []
        self._core.just_reset.clear()
        self._reader.feed(data)
        while self._core.end_reason is None and (item := self._reader.next_item()) is not None:
            if isinstance(item, bytes):
                self._receive_payload(item)
            elif item.type <= FrameType.WINDOW_UPDATE:
                self._receive_stream_frame(item)
            elif item.type == FrameType.PING:
                self._receive_ping(item)
            else:
                self._receive_go_away(item)
        return self._events

    def _violation(self, rule: str) -> Never:
        raise RemoteProtocolError(rule, self._reader.frame_offset)

    def _receive_ping(self, header: Header) -> None:
        if header.flags & Flag.SYN:
            self._answer(FrameType.PING, Flag.ACK, SESSION_ID, header.length)
            self._events.append(PingReceived(header.length))
        elif header.length in self._core.unanswered_pings:
            self._core.unanswered_pings.remove(header.length)
            self._events.append(PingAcknowledged(header.length))

    def _receive_go_away(self, header: Header) -> None:
        try:
            code = GoAwayCode(header.length)
        except ValueError:
            self._violation(f"go away code is {header.length}, expected 0 to {max(GoAwayCode)}")
        if code is GoAwayCode.NORMAL:
            self._core.remote_go_away = True
        else:
            self._core.close(f"the peer sent a go away with {code.name}")
        self._events.append(GoAwayReceived(code))

    def _receive_stream_frame(self, header: Header) -> None:
        if header.stream_id == SESSION_ID:
            name = "DATA" if header.type == FrameType.DATA else "WINDOW_UPDATE"
            self._violation(f"{name} frame on stream 0, which is the session itself")
        if header.flags & Flag.SYN:
            self._receive_syn(header.stream_id)
        stream = self._core.streams.get(header.stream_id)
        if stream is None:  # most likely we have reset it, and the peer did not know yet
            self._sink = None
            return
        if header.flags:
            self._apply_ack(stream, header.flags)
        if header.type == FrameType.DATA:
            self._begin_data(stream, header)
        else:
            self._open_window(stream, header.length)
            self._apply_fin(stream, header.flags)
        if header.flags:
            self._apply_rst(stream, header.flags)

    def _receive_syn(self, stream_id: int) -> None:
        core = self._core
        if stream_id % 2 == core.next_id % 2:
            self._violation(f"SYN for stream {stream_id}, whose parity is ours")
        if stream_id in core.streams:
            self._violation(f"SYN for stream {stream_id}, which is open")
        if (
            core.local_go_away
            or len(core.streams) >= core.limits.streams
            or len(core.owed_acks) >= core.limits.accept_backlog
        ):
            self._answer(FrameType.WINDOW_UPDATE, Flag.RST, stream_id, 0)
            return
        stream = Stream(stream_id, State.SYN_RECEIVED, core.limits.receive_window_bytes)
        core.streams[stream_id] = stream
        core.owed_acks.add(stream_id)
        core.output.owe_update(stream)
        self._events.append(StreamOpened(stream_id))

    def _apply_ack(self, stream: Stream, flags: int) -> None:
        if flags & Flag.ACK:
            self._advance(stream, Input.RECEIVE_ACK)
            if stream.id in self._core.unacknowledged:
                self._core.unacknowledged.remove(stream.id)
                self._events.append(StreamAccepted(stream.id))

    def _begin_data(self, stream: Stream, header: Header) -> None:
        self._require(stream, Input.RECEIVE_DATA)
        fin = bool(header.flags & Flag.FIN)
        if fin:
            self._require(stream, Input.RECEIVE_FIN)
        remaining = stream.receive_window.remaining
        if not stream.receive_window.receive(header.length):
            self._violation(
                f"data frame of {header.length} bytes on stream {stream.id}, whose receive window has {remaining} left"
            )
        self._sink = stream
        self._sink_ends = fin
        if fin and not header.length:
            self._apply_fin(stream, header.flags)

    def _receive_payload(self, data: bytes) -> None:
        stream = self._sink
        if stream is None or self._core.streams.get(stream.id) is not stream:
            return
        if stream.state is not State.REMOTE_CLOSED:
            self._events.append(DataReceived(stream.id, data))
        if self._sink_ends and not self._reader.payload_left:
            self._apply_fin(stream, Flag.FIN)

    def _open_window(self, stream: Stream, delta: int) -> None:
        self._require(stream, Input.RECEIVE_WINDOW)
        if not stream.send_window.open(delta):
            self._violation(
                f"window update of {delta} bytes on stream {stream.id}, whose window is {stream.send_window.remaining}: "
                "together more than 32 bits"
            )
        if delta:
            self._core.output.refresh(stream)
            self._events.append(WindowOpened(stream.id, stream.send_window.remaining))

    def _apply_fin(self, stream: Stream, flags: int) -> None:
        if flags & Flag.FIN:
            self._advance(stream, Input.RECEIVE_FIN)
            self._events.append(StreamEnded(stream.id))
            if stream.is_over:
                self._core.drop(stream)

    def _apply_rst(self, stream: Stream, flags: int) -> None:
        if flags & Flag.RST and not stream.is_over:
            self._advance(stream, Input.RECEIVE_RST)
            self._events.append(StreamReset(stream.id))
            self._core.just_reset.add(stream.id)
            self._core.drop(stream)

    def _require(self, stream: Stream, what: Input) -> None:
        if not stream.allows(what):
            self._violation(f"{what.name} on stream {stream.id} in state {stream.state.name}")

    def _advance(self, stream: Stream, what: Input) -> None:
        self._require(stream, what)
        stream.advance(what)

    def _answer(self, frame_type: int, flags: int, stream_id: int, length: int) -> None:
        queued = self._core.output.control_frames
        if queued >= self._core.limits.unread_control_frames:
            self._violation(f"peer does not read: {queued} answers to its frames wait to be sent")
        self._core.output.add_control(frame_type, flags, stream_id, length)
