"""The wire of hashicorp/go-plugin over net/rpc, sans IO: bytes in, events and bytes out.

Nothing here opens a socket, starts a thread, reads a clock or writes a log; `goplugin.runtime` does.

The layers, from the outside in: `handshake` (one line on the plugin's stdout), `yamux` (many streams on one connection),
`netrpc` (calls on one stream), `gob` (the values in them). The last three are imported when they are first used: a plugin's
handshake line has to be out before anything heavy is imported.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from goplugin.wire._errors import (
    BackPressureError,
    LocalProtocolError,
    ProtocolError,
    RemoteProtocolError,
)
from goplugin.wire._limits import DEFAULT_LIMITS, Limits
from goplugin.wire.handshake import HandshakeConfig, HandshakeLine, negotiate_version

if TYPE_CHECKING:
    from goplugin.wire import gob, netrpc, yamux
else:  # out of a type checker's sight, which would take every name for one of these

    def __getattr__(name: str) -> object:
        if name not in ("gob", "netrpc", "yamux"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return import_module(f"{__name__}.{name}")  # which makes it an attribute


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
