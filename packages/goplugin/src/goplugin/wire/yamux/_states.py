"""The life of a stream, as a table (stream.go: streamState, processFlags, sendFlags, Close).

What is not in the table is a violation of the protocol by whoever caused it.
"""

from enum import Enum, auto
from typing import Final


class State(Enum):
    """Where a stream is in its life."""

    INIT = auto()  # opened by us, SYN not yet sent
    SYN_SENT = auto()
    SYN_RECEIVED = auto()  # opened by the peer, ACK not yet sent
    ESTABLISHED = auto()
    LOCAL_CLOSED = auto()  # our FIN is sent
    REMOTE_CLOSED = auto()  # the peer's FIN was received
    CLOSED = auto()
    RESET = auto()


class Input(Enum):
    """What can happen to a stream on the wire."""

    SEND_SYN = auto()
    SEND_ACK = auto()
    SEND_DATA = auto()
    SEND_FIN = auto()
    SEND_RST = auto()
    RECEIVE_ACK = auto()
    RECEIVE_DATA = auto()
    RECEIVE_WINDOW = auto()
    RECEIVE_FIN = auto()
    RECEIVE_RST = auto()


FINAL_STATES: Final = frozenset({State.CLOSED, State.RESET})

TRANSITIONS: Final[dict[State, dict[Input, State]]] = {
    # The peer cannot know this stream yet, so no frame of it can be right.
    State.INIT: {
        Input.SEND_SYN: State.SYN_SENT,
        Input.SEND_RST: State.RESET,
    },
    # Data may flow both ways before the ACK (spec.md, "Opening a stream").
    State.SYN_SENT: {
        Input.SEND_DATA: State.SYN_SENT,
        Input.SEND_FIN: State.LOCAL_CLOSED,
        Input.SEND_RST: State.RESET,
        Input.RECEIVE_ACK: State.ESTABLISHED,
        Input.RECEIVE_DATA: State.SYN_SENT,
        Input.RECEIVE_WINDOW: State.SYN_SENT,
        Input.RECEIVE_FIN: State.REMOTE_CLOSED,
        Input.RECEIVE_RST: State.RESET,
    },
    # An ACK that nobody waits for is ignored, as processFlags does, here and below.
    State.SYN_RECEIVED: {
        Input.SEND_ACK: State.ESTABLISHED,
        Input.SEND_RST: State.RESET,
        Input.RECEIVE_ACK: State.SYN_RECEIVED,
        Input.RECEIVE_DATA: State.SYN_RECEIVED,
        Input.RECEIVE_WINDOW: State.SYN_RECEIVED,
        Input.RECEIVE_FIN: State.REMOTE_CLOSED,
        Input.RECEIVE_RST: State.RESET,
    },
    State.ESTABLISHED: {
        Input.SEND_DATA: State.ESTABLISHED,
        Input.SEND_FIN: State.LOCAL_CLOSED,
        Input.SEND_RST: State.RESET,
        Input.RECEIVE_ACK: State.ESTABLISHED,
        Input.RECEIVE_DATA: State.ESTABLISHED,
        Input.RECEIVE_WINDOW: State.ESTABLISHED,
        Input.RECEIVE_FIN: State.REMOTE_CLOSED,
        Input.RECEIVE_RST: State.RESET,
    },
    State.LOCAL_CLOSED: {
        Input.SEND_RST: State.RESET,
        Input.RECEIVE_ACK: State.LOCAL_CLOSED,
        Input.RECEIVE_DATA: State.LOCAL_CLOSED,
        Input.RECEIVE_WINDOW: State.LOCAL_CLOSED,
        Input.RECEIVE_FIN: State.CLOSED,
        Input.RECEIVE_RST: State.RESET,
    },
    # Data after a FIN is dropped, not punished: Go's Write and Close may race (stream.go, write). A second FIN is an error
    # (ErrUnexpectedFlag). The ACK of a stream that the peer has ended already is still owed.
    State.REMOTE_CLOSED: {
        Input.SEND_ACK: State.REMOTE_CLOSED,
        Input.SEND_DATA: State.REMOTE_CLOSED,
        Input.SEND_FIN: State.CLOSED,
        Input.SEND_RST: State.RESET,
        Input.RECEIVE_ACK: State.REMOTE_CLOSED,
        Input.RECEIVE_DATA: State.REMOTE_CLOSED,
        Input.RECEIVE_WINDOW: State.REMOTE_CLOSED,
        Input.RECEIVE_RST: State.RESET,
    },
    State.CLOSED: {},
    State.RESET: {},
}
