"""One stream of a session: its state, its two windows and what is queued on it."""

from goplugin.wire.yamux._frames import HEADER_BYTES
from goplugin.wire.yamux._states import FINAL_STATES, TRANSITIONS, Input, State
from goplugin.wire.yamux._windows import ReceiveWindow, SendWindow


class Stream:
    """The record of one stream; `Session` and `Output` act on it.

    Args:
        stream_id: Its id.
        state: `State.INIT` for a stream of ours, `State.SYN_RECEIVED` for one of the peer's.
        window_bytes: Size of the receive window.
    """

    __slots__ = ("ending", "id", "owes_ack", "queue", "receive_window", "send_window", "state")

    def __init__(self, stream_id: int, state: State, window_bytes: int) -> None:
        self.id = stream_id
        self.state = state
        self.receive_window = ReceiveWindow(window_bytes)
        self.send_window = SendWindow()
        self.queue = bytearray()
        self.ending = False
        self.owes_ack = state is State.SYN_RECEIVED

    @property
    def is_over(self) -> bool:
        """Whether the stream has left the wire in both directions."""
        return self.state in FINAL_STATES

    @property
    def sendable_bytes(self) -> int:
        """Bytes of the queue that the peer's window allows now."""
        return min(len(self.queue), self.send_window.remaining)

    @property
    def fin_is_due(self) -> bool:
        """Whether nothing but our FIN is left to be sent."""
        return self.ending and not self.queue and self.state is not State.LOCAL_CLOSED

    def allows(self, what: Input) -> bool:
        """Whether the protocol allows `what` now."""
        return what in TRANSITIONS[self.state]

    def advance(self, what: Input) -> None:
        """Moves to the state after `what`, which has to be allowed."""
        self.state = TRANSITIONS[self.state][what]

    def wire_bytes(self, frame_bytes: int) -> int:
        """Bytes that sending all that can be sent now takes, headers included.

        Args:
            frame_bytes: Most bytes of data in one frame.
        """
        count = self.sendable_bytes
        frames = -(-count // frame_bytes)
        if self.ending and count == len(self.queue):
            frames += 1
        return count + frames * HEADER_BYTES
