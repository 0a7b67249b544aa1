"""AutoMTLS between processes: each side takes the other's certificate alone, and refuses without hanging."""

import base64
import json
import socket
import ssl
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from goplugin import Client, HandshakeFailed, Limits, LogLine, PluginError, PluginExited
from goplugin.runtime._certificate import Identity, generate_identity
from goplugin.runtime._tls import make_context
from goplugin.runtime.host import parse_log_line
from goplugin.wire.gob import BYTES, INT, STRING

MakeClient = Callable[..., Client]
Spawn = Callable[..., Any]


def pem(identity: Identity) -> str:
    return ssl.DER_cert_to_PEM_cert(identity.certificate)


def in_line(identity: Identity) -> str:
    return base64.b64encode(identity.certificate).rstrip(b"=").decode()


def certificate_of(plugin: Any) -> bytes:
    """The plugin's, from its handshake line."""
    text = plugin.line.strip().split("|")[5]
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def connect_tls(plugin: Any, identity: Identity) -> ssl.SSLSocket:
    context = make_context(identity, certificate_of(plugin), server_side=False)
    return context.wrap_socket(plugin.connect())


def signed_by(issuer: Identity) -> Identity:
    """Another certificate, which that one vouches for."""
    key, issuer_key = (
        ec.generate_private_key(ec.SECP256R1()),
        load_pem_private_key(issuer.key, None),
    )
    assert isinstance(issuer_key, ec.EllipticCurvePrivateKey)
    issuer_name = x509.load_der_x509_certificate(issuer.certificate).subject
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]))
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .sign(issuer_key, hashes.SHA512())
    )
    return Identity(
        certificate.public_bytes(Encoding.DER),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


@pytest.fixture(scope="module")
def host_identity() -> Identity:
    return generate_identity()


@pytest.fixture
def plugin(spawn: Spawn, host_identity: Identity) -> Any:
    """A plugin whose host has that identity."""
    return spawn(PLUGIN_CLIENT_CERT=pem(host_identity))


def errors_of(plugin: Any) -> list[LogLine]:
    plugin.process.terminate()
    code, err = plugin.end()
    assert code == 0
    return [line for line in map(parse_log_line, err.splitlines()) if line.level == "error"]


def is_refused(sock: socket.socket) -> bool:
    """Reads until the other side closes."""
    with sock, suppress(ConnectionResetError, ssl.SSLError):
        while sock.recv(65536):
            pass
    return True


def test_host_and_plugin_speak_tls(make_client: MakeClient) -> None:
    with make_client(auto_mtls=True) as client:
        service = client.dispense("Echo")
        assert client.ping() > 0
        assert service.call("Plugin.Echo", STRING, "héllo") == "héllo"
        assert service.call("Plugin.Large", INT, 3_000_000) == b"x" * 3_000_000
        assert service.call("Plugin.Length", BYTES, bytes(3_000_000)) == 3_000_000
        assert client.quit() == 0
        assert not Path(client.address).parent.exists()


def test_the_certificates_are_as_gos(plugin: Any, host_identity: Identity) -> None:
    text = plugin.line.strip().split("|")[5]
    assert "=" not in text
    for der in (certificate_of(plugin), host_identity.certificate):
        certificate = x509.load_der_x509_certificate(der)
        key = certificate.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert key.curve.name == "secp521r1"
        assert certificate.subject == certificate.issuer
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == ["localhost"]
        assert certificate.not_valid_before_utc < datetime.now(UTC)
    assert "PRIVATE" not in repr(host_identity)


def test_no_key_is_left_on_a_disk(plugin: Any, host_identity: Identity) -> None:
    connect_tls(plugin, host_identity).close()
    assert list(plugin.address.parent.iterdir()) == [plugin.address]


def test_tls_1_2_is_spoken_and_nothing_older(
    plugin: Any, connect: Callable[..., Any], host_identity: Identity
) -> None:
    context = make_context(host_identity, certificate_of(plugin), server_side=False)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    host = connect(sock=context.wrap_socket(plugin.connect()))
    assert host.sock.version() == "TLSv1.2"
    host.ping()
    host.sock.close()
    assert plugin.end()[0] == 0


def test_a_client_without_the_hosts_certificate_is_refused(
    plugin: Any, connect: Callable[..., Any], host_identity: Identity
) -> None:
    host = connect(sock=connect_tls(plugin, host_identity))
    host.ping()
    for stranger in (generate_identity(), signed_by(host_identity)):
        assert is_refused(connect_tls(plugin, stranger))
        host.ping()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(cadata=certificate_of(plugin))
    assert is_refused(context.wrap_socket(plugin.connect()))
    host.ping()
    wrong, vouched_for, none = [error.message for error in errors_of(plugin)]
    assert "another certificate than the one expected (self-signed certificate)" in wrong
    assert vouched_for.endswith("another certificate than the one expected")
    assert "peer did not return a certificate" in none


def client_hello() -> bytes:
    context, out = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.MemoryBIO()
    tls = context.wrap_bio(ssl.MemoryBIO(), out, server_hostname="localhost")
    with suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    return out.read()


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (bytes(12), "the TLS handshake failed: "),
        (b"GET / HTTP/1.1\r\n\r\n", "http request"),
        (client_hello()[:100], "the peer hung up"),
        (client_hello(), "the peer hung up"),
        (b"", "the peer hung up"),
    ],
    ids=["yamux", "HTTP", "half a hello", "hello", "nothing"],
)
def test_what_is_no_whole_handshake_is_refused_and_nobody_is_disturbed(
    plugin: Any,
    connect: Callable[..., Any],
    host_identity: Identity,
    data: bytes,
    complaint: str,
) -> None:
    host = connect(sock=connect_tls(plugin, host_identity))
    with plugin.connect() as silent:  # is still in its handshake all the while
        silent.sendall(client_hello()[:5])
        host.ping()
        sock = plugin.connect()
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        assert is_refused(sock)
        host.ping()
        (error,) = [one.message for one in errors_of(plugin)]
    assert error.startswith("closed a session: the TLS handshake failed: ")
    assert complaint in error


def test_garbage_inside_tls_and_in_place_of_it_ends_that_session_alone(
    plugin: Any, connect: Callable[..., Any], host_identity: Identity
) -> None:
    host = connect(sock=connect_tls(plugin, host_identity))
    inside = connect_tls(plugin, host_identity)
    inside.sendall(b"GET / HTTP/1.1\r\n\r\n")
    assert is_refused(inside)
    instead = connect_tls(plugin, host_identity)
    with socket.socket(fileno=instead.detach()) as raw:
        raw.settimeout(30)
        raw.sendall(b"\x17\x03\x03\x00\x20" + bytes(32))
        assert is_refused(raw)
    host.ping()
    first, second = [error.message for error in errors_of(plugin)]
    assert first.startswith("closed a session: at byte 0")
    assert second.startswith("closed a session: the peer broke TLS: ")


def test_a_host_that_goes_without_goodbye_ends_its_plugin(
    plugin: Any, connect: Callable[..., Any], host_identity: Identity
) -> None:
    host = connect(sock=connect_tls(plugin, host_identity))
    host.ping()
    socket.socket(fileno=host.sock.detach()).close()
    code, err = plugin.end()
    assert code == 0
    assert "error" not in [parse_log_line(line).level for line in err.splitlines()]


def flood(sock: ssl.SSLSocket) -> None:
    """Asks for ever, and reads no answer."""
    while True:
        sock.sendall(struct.pack(">BBHII", 0, 2, 1, 0, 1) * 1000)


def test_a_peer_that_reads_no_replies_is_closed_and_the_others_stay(
    spawn: Spawn, connect: Callable[..., Any], host_identity: Identity
) -> None:
    plugin = spawn(
        PLUGIN_CLIENT_CERT=pem(host_identity), ECHO_LIMITS=json.dumps({"stall_seconds": 0.5})
    )
    good = connect(sock=connect_tls(plugin, host_identity))
    stalled = connect(sock=connect_tls(plugin, host_identity))
    good.ping()
    with pytest.raises(OSError):  # noqa: PT011 - reset, broken pipe or time-out, as the kernel likes
        flood(stalled.sock)
    good.ping()
    (error,) = errors_of(plugin)
    assert error.message.startswith("closed a session: ")


# The host's side


def script(text: str) -> list[str]:
    return [sys.executable, "-c", text]


LISTENER = """
import socket, time, os, tempfile
path = tempfile.mkdtemp(prefix="plugin") + "/socket"
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
listener.listen()
print(f"1|1|unix|{path}|netrpc|CERTIFICATE", flush=True)
sock, _ = listener.accept()
"""


def listener(certificate: str, then: str) -> list[str]:
    return script(LISTENER.replace("CERTIFICATE", certificate) + then)


def test_a_plugin_that_answers_without_a_certificate_is_refused(make_client: MakeClient) -> None:
    with pytest.raises(HandshakeFailed, match="does not speak AutoMTLS"):
        make_client(listener("", "time.sleep(600)"), auto_mtls=True).start()


@pytest.mark.parametrize("certificate", ["A" * 61, "é" * 60, "MAA" * 20])
def test_a_certificate_in_the_line_that_is_none_is_refused(
    make_client: MakeClient, certificate: str
) -> None:
    client = make_client(listener(certificate, "time.sleep(600)"), auto_mtls=True)
    with pytest.raises(HandshakeFailed, match="no certificate that can be used"):
        client.start()


@pytest.mark.parametrize(
    ("then", "complaint"),
    [
        ("sock.sendall(bytes(100)); time.sleep(600)", "the TLS handshake failed"),
        ("sock.close(); time.sleep(600)", "hung up|reset|closed"),
        ("time.sleep(600)", r"did not end within 0\.5 s"),
        ("sock.sendall(b'\\x16\\x03\\x03\\x40'); time.sleep(600)", r"did not end within 0\.5 s"),
    ],
    ids=["plaintext", "hangs up", "silent", "truncated"],
)
def test_a_plugin_that_wrote_a_certificate_and_speaks_no_tls_is_refused(
    make_client: MakeClient, then: str, complaint: str
) -> None:
    client = make_client(
        listener(in_line(generate_identity()), then),
        auto_mtls=True,
        limits=Limits(stall_seconds=0.5),
    )
    with pytest.raises(PluginError, match=complaint):
        client.start()


def test_a_plugin_that_ends_in_the_handshake_is_an_exit(make_client: MakeClient) -> None:
    client = make_client(listener(in_line(generate_identity()), "os._exit(5)"), auto_mtls=True)
    with pytest.raises(PluginExited) as raised:
        client.start()
    assert raised.value.exit_code == 5


def test_another_certificate_than_the_lines_is_refused(
    make_client: MakeClient, spawn: Spawn
) -> None:
    """Somebody has put his own socket in the place of the plugin's."""
    impostor = spawn(PLUGIN_CLIENT_CERT=pem(generate_identity()))
    line = f"1|1|unix|{impostor.address}|netrpc|{in_line(generate_identity())}"
    client = make_client(
        script(f"import time; print({line!r}, flush=True); time.sleep(600)"), auto_mtls=True
    )
    with pytest.raises(HandshakeFailed, match="another certificate than the one expected"):
        client.start()


def test_a_host_without_the_extra_names_it(
    make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "goplugin.runtime._certificate", raising=False)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    client = make_client(auto_mtls=True)
    with pytest.raises(PluginError, match=r"install goplugin\[mtls\]"):
        client.start()
    assert client.exit_code is None


def test_a_plugin_without_the_extra_names_it(
    spawn: Spawn, without_cryptography: dict[str, str], host_identity: Identity
) -> None:
    code, err = spawn(PLUGIN_CLIENT_CERT=pem(host_identity), **without_cryptography).end()
    assert code == 1
    (line,) = map(parse_log_line, err.splitlines())
    assert line.level == "error"
    assert "install goplugin[mtls]; or set AutoMTLS to false" in line.message
