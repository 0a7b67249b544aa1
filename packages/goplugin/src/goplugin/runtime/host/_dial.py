"""The connection to a plugin's socket, before anything is said on it (client.go: dialer)."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from goplugin.runtime._auto_mtls import HostSide
    from goplugin.runtime._transport import Transport
    from goplugin.wire.handshake import HandshakeLine


def dial(line: HandshakeLine, tls: HostSide | None, seconds: float) -> Transport:
    """Connect, and with AutoMTLS make sure that the other end is who wrote the line; blocks.

    Args:
        line: The plugin's handshake line.
        tls: This host's side of AutoMTLS; None: bytes go as they are.
        seconds: How long each of the two steps may take.

    Raises:
        HandshakeFailed: The certificate in the line is none, or not the other end's.
        OSError: Nobody listens there, or the connection broke.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.connect(line.address)
        return sock if tls is None else tls.secure(sock, line.server_certificate, seconds)
    except BaseException:
        sock.close()
        raise
