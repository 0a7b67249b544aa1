"""Every bound of the wire and of the runtime, in one table."""

from typing import NamedTuple

KIB = 1024
MIB = 1024 * KIB


class Limits(
    NamedTuple
):  # a dataclass takes 17 ms more to import, before a plugin's handshake line
    """What a peer may make us hold, and how long we wait for it. Counts are inclusive: one more is refused.

    A refusal is a `RemoteProtocolError` where the peer went too far and a `LocalProtocolError` where our caller did.

    Attributes:
        handshake_line_chars: Longest handshake line (Go reads it with a bufio.Scanner: 64 KiB).
        gob_message_bytes: Longest gob message; also the longest string or byte slice in it.
        gob_depth: Deepest nesting of values in one message.
        gob_elements: Most structs, their fields, map entries (two each) and elements in one gob value, all together. An
            AnalysisRun of Argo Rollouts has a few thousand; each costs its thread some 7 µs on a busy machine.
        gob_types: Most type definitions on one stream.
        gob_definition_bytes: Longest sum of the type definitions on one stream.
        gob_fields: Most fields of one struct.
        call_method_chars: Longest `Service.Method` of a net/rpc request.
        pending_calls: Most net/rpc calls of one stream that wait for their reply.
        streams: Most yamux streams open at one time in one session, whoever opened them. More from the peer are reset.
        accept_backlog: Most streams that were opened and not yet acknowledged, in each direction
            (Go: Config.AcceptBacklog). More from the peer are reset.
        receive_window_bytes: What the peer may send on a stream before we consume it, 256 KiB to 4 GiB - 1
            (Go: Config.MaxStreamWindowSize).
        data_frame_bytes: Longest data frame that we send; a ping waits behind one frame at most. What the peer sends in one
            frame is bounded by its window.
        unanswered_pings: Most pings of ours without an answer.
        unread_control_frames: Most frames (ping answers, resets) queued for a peer that does not read.
        stream_send_bytes: Most bytes queued for sending on one stream.
        session_send_bytes: Most bytes queued for sending in one session.
        stall_seconds: How long a peer may leave queued output unread (Go: Config.ConnectionWriteTimeout).
        connections: Most connections to one plugin at one time.
    """

    handshake_line_chars: int = 64 * KIB

    gob_message_bytes: int = 16 * MIB
    gob_depth: int = 100
    gob_elements: int = 200_000
    gob_types: int = 1_000
    gob_definition_bytes: int = 1 * MIB
    gob_fields: int = 1_000

    call_method_chars: int = 1 * KIB
    pending_calls: int = 4_096

    streams: int = 512
    accept_backlog: int = 256
    receive_window_bytes: int = 256 * KIB
    data_frame_bytes: int = 64 * KIB
    unanswered_pings: int = 64
    unread_control_frames: int = 1_024
    stream_send_bytes: int = 32 * MIB
    session_send_bytes: int = 64 * MIB

    stall_seconds: float = 10.0
    connections: int = 8


DEFAULT_LIMITS = Limits()
