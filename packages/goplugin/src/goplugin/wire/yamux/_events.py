"""What `Session.receive_data` reports."""

from dataclasses import dataclass

from goplugin.wire.yamux._frames import GoAwayCode


@dataclass(frozen=True, slots=True)
class StreamOpened:
    """The peer opened a stream. The acknowledgement is queued already; `Session.reset_stream` refuses the stream."""

    stream_id: int


@dataclass(frozen=True, slots=True)
class StreamAccepted:
    """The peer acknowledged a stream that we opened. Data may be sent before that."""

    stream_id: int


@dataclass(frozen=True, slots=True)
class DataReceived:
    """Bytes of a stream, in order; a part of a frame's data where the frame arrived in parts. `data` is never empty.

    They count against the peer's window until `Session.data_consumed` is called.
    """

    stream_id: int
    data: bytes


@dataclass(frozen=True, slots=True)
class StreamEnded:
    """The peer will send no more data on this stream (FIN). Ours may go on until `Session.end_stream`."""

    stream_id: int


@dataclass(frozen=True, slots=True)
class StreamReset:
    """The peer aborted the stream, or refused it (RST). What was queued on it is dropped; its id is unknown from now on."""

    stream_id: int


@dataclass(frozen=True, slots=True)
class WindowOpened:
    """The peer can take more: `window_bytes` may now be sent on this stream (including what is queued)."""

    stream_id: int
    window_bytes: int


@dataclass(frozen=True, slots=True)
class PingReceived:
    """The peer asked for a sign of life; the answer is queued already."""

    value: int


@dataclass(frozen=True, slots=True)
class PingAcknowledged:
    """The peer answered the ping whose id `Session.ping` returned."""

    ping_id: int


@dataclass(frozen=True, slots=True)
class GoAwayReceived:
    """The peer takes no new streams (`NORMAL`), or ended the session (any other code): then close the connection."""

    code: GoAwayCode


Event = (
    StreamOpened
    | StreamAccepted
    | DataReceived
    | StreamEnded
    | StreamReset
    | WindowOpened
    | PingReceived
    | PingAcknowledged
    | GoAwayReceived
)
