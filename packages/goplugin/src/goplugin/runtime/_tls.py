"""TLS between exactly two: each side shows its certificate and takes the other's alone.

Imported only where AutoMTLS is asked for: `ssl` takes its time.
"""

from __future__ import annotations

import os
import socket
import ssl
import time
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

from goplugin.runtime._errors import SessionClosed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goplugin.runtime._certificate import Identity

_READ_BYTES = 64 * 1024
_MOST_OWN_BYTES = 64 * 1024


class TlsError(SessionClosed):
    """The peer is not the one that was expected, does not speak TLS, or broke it."""


def make_context(identity: Identity, peer: bytes, *, server_side: bool) -> ssl.SSLContext:
    """What both sides of AutoMTLS ask for: TLS 1.2 or newer, and the peer's certificate (server.go: Serve; client.go: Start).

    Names are not compared, because the certificate itself is: see `TlsSocket`.

    Args:
        identity: What this side shows.
        peer: The certificate of the other side (DER), the only one that is taken.
        server_side: Whether this is the plugin.

    Raises:
        ValueError: `peer` is no certificate.
        OSError: The key cannot be handed to OpenSSL: there is no /dev/fd here.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server_side else ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    # every connection shows its certificate, once
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION
    if server_side:
        context.num_tickets = 0
    try:
        context.load_verify_locations(cadata=peer)
    except ssl.SSLError as error:
        raise ValueError(f"no certificate in DER: {error.reason or error}") from error
    with ExitStack() as stack:
        chain = ssl.DER_cert_to_PEM_cert(identity.certificate).encode()
        certificate, key = (stack.enter_context(_as_file(data)) for data in (chain, identity.key))
        context.load_cert_chain(certificate, key)
    return context


@contextmanager
def _as_file(data: bytes) -> Iterator[str]:
    """A path from which these bytes, few enough for a pipe, can be read once: `ssl` takes keys from files only.

    A key in a pipe never gets to a disk, nor into a folder where a kill would leave it.
    """
    read, write = os.pipe()
    try:
        with open(write, "wb") as pipe:  # noqa: PTH123 - a descriptor, no path
            pipe.write(data)
        yield f"/dev/fd/{read}"
    finally:
        os.close(read)


class TlsSocket:
    """A socket with TLS on it, as a `Transport`.

    The handshake runs as `recv` is called; nothing is received before it has ended with the expected certificate. Both
    certificates could sign others, as Go's can, so it is not enough that the peer's is verified: it has to be that one.

    OpenSSL works on bytes in memory here, so that its wish to write while one reads is met by this class.

    Args:
        sock: Connected; closed by this object.
        context: From `make_context`.
        peer: The other side's certificate (DER).
        server_side: Whether this is the plugin.
    """

    def __init__(
        self, sock: socket.socket, context: ssl.SSLContext, peer: bytes, *, server_side: bool
    ) -> None:
        self._socket = sock
        self._peer = peer
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=server_side)
        self._established = False
        self._in_flight = memoryview(b"")
        self._encrypted = 0

    def fileno(self) -> int:
        """The socket's."""
        return self._socket.fileno()

    def settimeout(self, value: float | None, /) -> None:
        """Set the socket's."""
        self._socket.settimeout(value)

    def establish(self, seconds: float) -> None:
        """Do the whole handshake, blocking, as a client does.

        Raises:
            TlsError: It failed, or did not end in time.
            OSError: The connection broke.
        """
        give_up_at = time.monotonic() + seconds
        try:
            while not self._advance():
                left = give_up_at - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                self._socket.settimeout(left)
                # what comes right behind the handshake is read with what follows: a plugin answers before it speaks
                self._feed(self._socket.recv(_READ_BYTES))
        except TimeoutError as error:
            raise TlsError(f"the TLS handshake did not end within {seconds:g} s") from error

    def recv(self, bufsize: int, /) -> bytes:
        """See `Transport`.

        Raises:
            TlsError: The handshake failed, or the peer broke TLS; it has been told why as far as it can be.
        """
        self._feed(self._socket.recv(bufsize))
        if not self._established and not self._advance():
            raise BlockingIOError
        data = self._decrypt()
        self._speak()
        return data

    def send(self, data: memoryview, /) -> int:
        """See `Transport`. Bytes count as sent when the socket has taken all that was made of them."""
        if not self._encrypted:
            self._flush()
            while self._encrypted < len(data):
                self._encrypted += self._tls.write(data[self._encrypted :])
        self._flush()
        sent, self._encrypted = self._encrypted, 0
        return sent

    def close(self) -> None:
        """Say goodbye, as far as the socket takes it, and close the socket."""
        if self._established:
            with suppress(ssl.SSLError):  # it wants to wait for the peer's goodbye
                self._tls.unwrap()
        with suppress(OSError):
            self._flush()
        self._socket.close()

    def _advance(self) -> bool:
        """Take the handshake further; whether it has ended, with the right peer."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._speak()
            return False
        except ssl.SSLError as error:
            with suppress(OSError):
                self._flush()  # the alert
            raise TlsError(f"the TLS handshake failed: {_reason(error)}") from error
        if self._tls.getpeercert(binary_form=True) != self._peer:
            raise TlsError("the TLS handshake failed: another certificate than the one expected")
        self._established = True
        self._speak()
        return True

    def _feed(self, data: bytes) -> None:
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def _decrypt(self) -> bytes:
        """All that can be read of what came; empty at the end."""
        pieces: list[bytes] = []
        try:
            while piece := self._tls.read(_READ_BYTES):
                pieces.append(piece)
            # the peer said goodbye: let the next call find the end, even where it keeps the socket
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RD)
        except ssl.SSLWantReadError:
            if not pieces:
                raise BlockingIOError from None
        except ssl.SSLEOFError:
            pass  # it went without a goodbye, as those do that are killed
        except ssl.SSLError as error:
            raise TlsError(f"the peer broke TLS: {_reason(error)}") from error
        return b"".join(pieces)

    def _speak(self) -> None:
        """Send what TLS itself has to say, as far as the socket takes it; the rest leaves with what is sent next."""
        with suppress(
            OSError
        ):  # where nobody listens any more, what came before is still to be read
            self._flush()
        if self._outgoing.pending > _MOST_OWN_BYTES:
            raise TlsError("the peer does not read what TLS itself has to say")

    def _flush(self) -> None:
        while self._in_flight or self._outgoing.pending:
            if not self._in_flight:
                self._in_flight = memoryview(self._outgoing.read())
            self._in_flight = self._in_flight[self._socket.send(self._in_flight) :]


def _reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLEOFError):
        return "the peer hung up"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"another certificate than the one expected ({error.verify_message})"
    return (error.reason or str(error)).lower().replace("_", " ")
