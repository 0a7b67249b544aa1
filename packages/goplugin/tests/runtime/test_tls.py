"""TLS on one socket: what a connection sees of it."""

import logging
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from goplugin import DEFAULT_LIMITS
from goplugin.runtime import _server
from goplugin.runtime._auto_mtls import PluginSide
from goplugin.runtime._certificate import Identity, generate_identity
from goplugin.runtime._environment import Environment
from goplugin.runtime._listener import Listener
from goplugin.runtime._server import PluginServer
from goplugin.runtime._tls import TlsError, TlsSocket, make_context

PATIENCE = 30.0


@pytest.fixture(scope="module")
def identities() -> tuple[Identity, Identity]:
    """The plugin's and the host's."""
    return generate_identity(), generate_identity()


class Ends:
    """The plugin's end as TLS; the host's as Python's own."""

    def __init__(self, plugin: Identity, host: Identity) -> None:
        self.raw, other = socket.socketpair()
        other.settimeout(PATIENCE)
        context = make_context(plugin, host.certificate, server_side=True)
        self.plugin = TlsSocket(self.raw, context, host.certificate, server_side=True)
        hosts = make_context(host, plugin.certificate, server_side=False)
        self.host = hosts.wrap_socket(
            other, do_handshake_on_connect=False, suppress_ragged_eofs=False
        )

    def shake_hands(self, then: bytes = b"") -> None:
        """The host sends those bytes right behind the handshake."""

        def be_host() -> None:
            self.host.do_handshake()
            self.host.sendall(then)

        thread = threading.Thread(target=be_host)
        thread.start()
        with suppress(BlockingIOError):
            self.plugin.recv(65536)  # the host's first words, and our answer
        thread.join(PATIENCE)

    def wait_for_the_end_of_the_handshake(self) -> None:
        """Where the host has said no more than that."""
        with pytest.raises(BlockingIOError):
            self.plugin.recv(65536)


def fill(tls: TlsSocket, chunk: memoryview) -> int:
    """Sends it until the socket takes no more: how many times it did."""
    tls.settimeout(0.0)
    times = 0
    with suppress(BlockingIOError):
        while tls.send(chunk):
            times += 1
    return times


@pytest.fixture
def ends(identities: tuple[Identity, Identity]) -> Iterator[Ends]:
    both = Ends(*identities)
    yield both
    both.plugin.close()
    both.host.close()


def test_what_comes_with_the_end_of_the_handshake_is_read(ends: Ends) -> None:
    ends.shake_hands(then=b"early")
    assert ends.plugin.recv(65536) == b"early"


def test_a_handshake_without_more_gives_nothing_yet(ends: Ends) -> None:
    ends.shake_hands()
    ends.wait_for_the_end_of_the_handshake()
    assert ends.plugin.send(memoryview(b"hello")) == 5
    assert ends.host.recv(5) == b"hello"


def test_a_record_in_parts_is_read_when_it_is_whole(ends: Ends) -> None:
    ends.shake_hands(then=b"x" * 1000)
    received, waits = b"", 0
    while not received:
        try:
            received = ends.plugin.recv(100)
        except BlockingIOError:
            waits += 1
    assert received == b"x" * 1000
    assert waits >= 10


def test_what_the_socket_does_not_take_is_not_sent_yet(ends: Ends) -> None:
    ends.shake_hands()
    ends.wait_for_the_end_of_the_handshake()
    chunk = memoryview(bytes(range(256)) * 256)
    sent = fill(ends.plugin, chunk)
    received = b""
    while len(received) < (sent + 1) * len(chunk):
        with suppress(BlockingIOError):
            if sent * len(chunk) <= len(received):
                ends.plugin.send(chunk)  # again, until it is taken
        received += ends.host.recv(65536)
    assert received == bytes(chunk) * (sent + 1)


def test_after_a_goodbye_comes_the_end_though_the_socket_stays(ends: Ends) -> None:
    ends.shake_hands(then=b"last")
    leaving = threading.Thread(target=ends.host.unwrap)
    leaving.start()
    received = ends.plugin.recv(65536)
    while data := ends.plugin.recv(65536):
        received += data
    assert received == b"last"
    assert ends.plugin.recv(65536) == b""
    ends.plugin.close()
    leaving.join(PATIENCE)


def test_an_end_without_goodbye_is_an_end(ends: Ends) -> None:
    ends.shake_hands(then=b"last")
    socket.socket(fileno=ends.host.detach()).close()
    assert ends.plugin.recv(65536) == b"last"
    assert ends.plugin.recv(65536) == b""


def test_a_goodbye_is_said(ends: Ends) -> None:
    ends.shake_hands()
    ends.wait_for_the_end_of_the_handshake()
    ends.plugin.close()
    assert ends.host.recv(1) == b""


def test_tlss_own_words_to_who_does_not_read_have_a_bound(ends: Ends) -> None:
    ends.shake_hands()
    ends.wait_for_the_end_of_the_handshake()
    assert fill(ends.plugin, memoryview(bytes(65536))) > 0
    ends.host.sendall(b"data")
    ends.plugin._outgoing.write(bytes(70_000))  # as refused renegotiations would
    with pytest.raises(TlsError, match="does not read what TLS itself has to say"):
        ends.plugin.recv(65536)


def test_a_host_does_not_wait_for_ever(identities: tuple[Identity, Identity]) -> None:
    plugin, host = identities
    ours, theirs = socket.socketpair()
    context = make_context(host, plugin.certificate, server_side=False)
    with theirs:
        tls = TlsSocket(ours, context, plugin.certificate, server_side=False)
        with pytest.raises(TlsError, match="did not end within 0 s"):
            tls.establish(0.0)
        tls.close()


def test_the_wait_for_a_whole_handshake_ends(
    identities: tuple[Identity, Identity],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(_server, "_HELLO_SECONDS", 0.05)
    side = PluginSide(ssl.DER_cert_to_PEM_cert(identities[1].certificate))
    listener = Listener(Environment.read({"TMPDIR": str(tmp_path)}), side.secure)
    logger = logging.getLogger("goplugin.test")
    server = PluginServer(listener, {}, DEFAULT_LIMITS, logger, os.getppid())
    thread = threading.Thread(target=server.run)
    thread.start()
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(PATIENCE)
        sock.connect(listener.path)
        sock.sendall(b"\x16\x03\x01")
        assert sock.recv(1) == b""
    server.stop("the test is over")
    thread.join(PATIENCE)
    assert "opened no streams" in caplog.text
