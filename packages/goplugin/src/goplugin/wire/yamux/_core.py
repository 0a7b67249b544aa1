"""What both halves of a session share: what is open, and what has to be sent."""

from goplugin.wire._limits import Limits
from goplugin.wire.yamux._output import Output
from goplugin.wire.yamux._stream import Stream


class Core:
    """The state of a session: `Session` changes it for our caller, `Incoming` for the peer.

    Args:
        limits: The bounds.
        first_id: Our first stream id: 1 for a client, 2 for a server.
    """

    def __init__(self, limits: Limits, first_id: int) -> None:
        self.limits = limits
        self.next_id = first_id
        self.output = Output(limits.data_frame_bytes)
        self.streams: dict[int, Stream] = {}
        self.unacknowledged: set[int] = set()  # opened by us, no ACK received
        self.owed_acks: set[int] = (
            set()
        )  # opened by the peer, our ACK not yet taken by the transport
        self.just_reset: set[int] = set()  # by the peer, in the bytes received last
        self.unanswered_pings: set[int] = set()
        self.local_go_away = False
        self.remote_go_away = False
        self.end_reason: str | None = None

    def drop(self, stream: Stream) -> None:
        """Forgets a stream that is over."""
        self.output.forget(stream)
        self.unacknowledged.discard(stream.id)
        self.owed_acks.discard(stream.id)
        del self.streams[stream.id]

    def close(self, reason: str) -> None:
        """Ends the session: forgets all streams and all output that no frame was built of."""
        self.end_reason = reason
        self.output.clear()
        self.streams.clear()
        self.unacknowledged.clear()
        self.owed_acks.clear()
        self.unanswered_pings.clear()
