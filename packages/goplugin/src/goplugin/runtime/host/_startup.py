"""What host and plugin tell each other before they are connected (client.go: Start, checkProtoVersion)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from goplugin.runtime._environment import (
    CLIENT_CERT,
    MAX_PORT,
    MIN_PORT,
    MULTIPLEX_GRPC,
    PROTOCOL_VERSIONS,
    SOCKET_DIR,
    SOCKET_GROUP,
)
from goplugin.runtime._errors import HandshakeFailed
from goplugin.wire import Limits, RemoteProtocolError
from goplugin.wire.handshake import HandshakeConfig, HandshakeLine

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_INHERITED = frozenset({CLIENT_CERT, SOCKET_DIR, SOCKET_GROUP, MULTIPLEX_GRPC})


def plugin_environment(
    handshake: HandshakeConfig, env: Mapping[str, str] | None, certificate: str = ""
) -> dict[str, str]:
    """The whole environment of a plugin: the cookie, `PLUGIN_*`, and what else it gets.

    Args:
        handshake: Cookie and version.
        env: What else; None: this process's own, without what a host above may have told us, where we are a plugin too.
        certificate: This host's, in PEM, for AutoMTLS; empty: without.
    """
    if env is None:
        variables = {key: value for key, value in os.environ.items() if key not in _NOT_INHERITED}
    else:
        variables = dict(env)
    variables[handshake.magic_cookie_key] = handshake.magic_cookie_value
    variables[PROTOCOL_VERSIONS] = str(handshake.protocol_version)
    variables[MIN_PORT], variables[MAX_PORT] = "10000", "25000"  # client.go: NewClient
    if certificate:
        variables[CLIENT_CERT] = certificate
    return variables


def parse_handshake(
    text: str, handshake: HandshakeConfig, limits: Limits, *, auto_mtls: bool = False
) -> HandshakeLine:
    """Reads and checks a plugin's first line.

    Raises:
        HandshakeFailed: It is no handshake, offers a version or protocol that this host does not speak, or has no
            certificate where AutoMTLS was asked for, or one where it was not.
    """
    try:
        line = HandshakeLine.parse(text, limits)
        line.require_version([handshake.protocol_version])
    except RemoteProtocolError as error:
        raise HandshakeFailed(f"the plugin's handshake line, {error}") from error
    if line.server_certificate and not auto_mtls:
        raise HandshakeFailed(
            "the plugin answers with a certificate (AutoMTLS) that nobody asked for"
        )
    if auto_mtls and not line.server_certificate:
        raise HandshakeFailed(
            "the plugin answers without a certificate: it does not speak AutoMTLS; make the Client without auto_mtls"
        )
    return line
