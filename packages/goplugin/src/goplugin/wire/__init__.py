"""The wire of hashicorp/go-plugin over net/rpc, sans IO: bytes in, events and bytes out.

Nothing here opens a socket, starts a thread, reads a clock or writes a log; `goplugin.runtime` does.

The layers, from the outside in: `handshake` (one line on the plugin's stdout), `yamux` (many streams on one connection),
`netrpc` (calls on one stream), `gob` (the values in them).
"""

from goplugin.wire import gob, netrpc, yamux
from goplugin.wire._errors import (
    BackPressureError,
    LocalProtocolError,
    ProtocolError,
    RemoteProtocolError,
)
from goplugin.wire._limits import DEFAULT_LIMITS, Limits
from goplugin.wire.handshake import HandshakeConfig, HandshakeLine, negotiate_version

__all__ = [
    "DEFAULT_LIMITS",
    "BackPressureError",
    "HandshakeConfig",
    "HandshakeLine",
    "Limits",
    "LocalProtocolError",
    "ProtocolError",
    "RemoteProtocolError",
    "gob",
    "negotiate_version",
    "netrpc",
    "yamux",
]
