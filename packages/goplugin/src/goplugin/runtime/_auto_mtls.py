"""AutoMTLS: host and plugin show each other one-time certificates (client.go: AutoMTLS; server.go: Serve).

The host's travels in the plugin's environment, the plugin's in the handshake line; each side takes that certificate alone.
"""

from __future__ import annotations

import base64
import ssl
from typing import TYPE_CHECKING

from goplugin.runtime._errors import HandshakeFailed, PluginError
from goplugin.runtime._tls import TlsError, TlsSocket, make_context

if TYPE_CHECKING:
    import socket

    from goplugin.runtime._certificate import Identity


def _new_identity() -> Identity:
    try:
        from goplugin.runtime._certificate import generate_identity  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise PluginError(
            f"AutoMTLS needs the package cryptography ({error}): install goplugin[mtls]"
        ) from error
    return generate_identity()


class PluginSide:
    """The plugin's certificate, and TLS for the hosts that connect.

    Args:
        client_certificate: The host's certificate in PEM (`PLUGIN_CLIENT_CERT`).

    Attributes:
        certificate: The plugin's, as the handshake line has it: DER in base64 without padding.

    Raises:
        PluginError: The extra is not installed, the text is no certificate, or OpenSSL does not get the key.
    """

    def __init__(self, client_certificate: str) -> None:
        self._peer = _from_pem(client_certificate)
        identity = _new_identity()
        try:
            self._context = make_context(identity, self._peer, server_side=True)
        except (ValueError, OSError) as error:
            raise PluginError(f"PLUGIN_CLIENT_CERT cannot be used: {error}") from error
        self.certificate = base64.b64encode(identity.certificate).rstrip(b"=").decode()

    def secure(self, sock: socket.socket) -> TlsSocket:
        """TLS on a connection that was accepted; its handshake runs as it is read."""
        return TlsSocket(sock, self._context, self._peer, server_side=True)


class HostSide:
    """The host's certificate, and TLS to the plugin.

    Attributes:
        certificate: The host's in PEM, for `PLUGIN_CLIENT_CERT`.

    Raises:
        PluginError: The extra is not installed.
    """

    def __init__(self) -> None:
        self._identity = _new_identity()
        self.certificate = ssl.DER_cert_to_PEM_cert(self._identity.certificate)

    def secure(self, sock: socket.socket, plugin_certificate: str, seconds: float) -> TlsSocket:
        """TLS on a connection to the plugin; blocks until the handshake has ended.

        Args:
            sock: Connected; closed where this fails.
            plugin_certificate: As it stands in the handshake line.
            seconds: How long the handshake may take.

        Raises:
            HandshakeFailed: What the line has is no certificate, the other end is not the one that wrote it, or no TLS came
                in time.
            OSError: The connection broke.
        """
        try:
            peer = base64.b64decode(
                plugin_certificate + "=" * (-len(plugin_certificate) % 4), validate=True
            )
            context = make_context(self._identity, peer, server_side=False)
        except ValueError as error:
            raise HandshakeFailed(
                f"the plugin's handshake line has no certificate that can be used: {error}"
            ) from error
        tls = TlsSocket(sock, context, peer, server_side=False)
        try:
            tls.establish(seconds)
        except TlsError as error:
            raise HandshakeFailed(f"AutoMTLS: {error}") from error
        return tls


def _from_pem(text: str) -> bytes:
    try:
        if text.count("-----BEGIN ") != 1:
            raise ValueError("expected one block")
        return ssl.PEM_cert_to_DER_cert(text.strip())
    except ValueError as error:
        raise PluginError(
            f"PLUGIN_CLIENT_CERT is no certificate in PEM, as a host with AutoMTLS sets it: {error}"
        ) from error
