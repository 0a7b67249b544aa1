"""yamux, sans IO: many streams, each with flow control, over one connection.

Follows `spec.md` of hashicorp/yamux v0.1.1, and its Go source where the specification is silent.
"""

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
from goplugin.wire.yamux._frames import GoAwayCode
from goplugin.wire.yamux._session import Role, Session
from goplugin.wire.yamux._windows import INITIAL_WINDOW

CLIENT = Role.CLIENT
SERVER = Role.SERVER

__all__ = [
    "CLIENT",
    "INITIAL_WINDOW",
    "SERVER",
    "DataReceived",
    "Event",
    "GoAwayCode",
    "GoAwayReceived",
    "PingAcknowledged",
    "PingReceived",
    "Role",
    "Session",
    "StreamAccepted",
    "StreamEnded",
    "StreamOpened",
    "StreamReset",
    "WindowOpened",
]
