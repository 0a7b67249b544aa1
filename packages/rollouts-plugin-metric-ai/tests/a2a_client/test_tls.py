"""Trust: the system's CAs, another one, client certificates, and what cannot be loaded."""

import asyncio
import ipaddress
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from rollouts_plugin_metric_ai.a2a_client import (
    AgentCard,
    AgentClient,
    AgentUnreachable,
    ClientLimits,
    Credentials,
    CredentialsRefused,
)

Deadline = Callable[[float], float]


@dataclass(frozen=True)
class Certificate:
    cert: str
    key: str


def issue(name: str, address: str, issuer: "Certificate | None" = None) -> Certificate:
    """A CA of its own, or a certificate for `address` issued by one."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    parent = x509.load_pem_x509_certificate(issuer.cert.encode()) if issuer else None
    signer: Any = key
    if issuer:
        signer = serialization.load_pem_private_key(issuer.key.encode(), None)
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(parent.subject if parent else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]),
            critical=False,
        )
    )
    pem = builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return Certificate(pem.decode(), private.decode())


@pytest.fixture(scope="module")
def authority() -> Certificate:
    return issue("test authority", "127.0.0.1")


def server_context(certificate: Certificate, folder: Path) -> ssl.SSLContext:
    path = folder / "server.pem"
    path.write_text(certificate.cert + certificate.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@pytest.fixture
async def secured(serve_raw: Any, answer: Any, authority: Certificate, tmp_path: Path) -> Any:
    certificate = issue("server", "127.0.0.1", authority)
    context = server_context(certificate, tmp_path)
    return await serve_raw(answer({"result": {"id": "t"}}), context)


async def test_unknown_authority_is_not_trusted(
    client: AgentClient, secured: Any, deadline: Deadline
) -> None:
    with pytest.raises(AgentUnreachable, match="unable to get local issuer certificate") as caught:
        await client.get_task(AgentCard(url=secured.url), "t", None, deadline(30))
    assert "TLS handshake" in str(caught.value)
    assert secured.requests == []


@pytest.mark.parametrize("where", ["caFile", "ca"])
async def test_another_authority(
    where: str, client: AgentClient, secured: Any, authority: Certificate, tmp_path: Path
) -> None:
    path = tmp_path / "ca.pem"
    path.write_text(authority.cert)
    auth = Credentials(ca_file=str(path)) if where == "caFile" else Credentials(ca=authority.cert)
    end = asyncio.get_running_loop().time() + 30
    for _ in range(3):
        await client.get_task(AgentCard(url=secured.url), "t", auth, end)
    # One context, and so one connection, for all requests with the same trust.
    assert secured.connections == 1
    # The token of another template on the same trust does not need a context of its own.
    more = Credentials(ca_file=auth.ca_file, ca=auth.ca, token="other")
    await client.get_task(AgentCard(url=secured.url), "t", more, end)
    assert secured.connections == 1


async def test_authorities_of_the_environment(
    client: AgentClient,
    secured: Any,
    authority: Certificate,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "system.pem"
    path.write_text(authority.cert)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    end = asyncio.get_running_loop().time() + 30
    await client.get_task(AgentCard(url=secured.url), "t", None, end)


@pytest.mark.parametrize("path", ["/nowhere/ca.pem", "/dev/null"])
async def test_authorities_of_the_environment_that_are_not_there(
    path: str, client: AgentClient, deadline: Deadline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", path)
    with pytest.raises(CredentialsRefused, match="SSL_CERT_FILE"):
        await client.fetch_card("https://127.0.0.1:1", None, deadline(30))


async def test_certificate_for_another_name(
    client: AgentClient,
    serve_raw: Any,
    authority: Certificate,
    tmp_path: Path,
    deadline: Deadline,
) -> None:
    context = server_context(issue("server", "127.0.0.9", authority), tmp_path)
    server = await serve_raw(b"", context)
    auth = Credentials(ca=authority.cert, token="abc")
    with pytest.raises(AgentUnreachable, match="IP address mismatch"):
        await client.get_task(AgentCard(url=server.url), "t", auth, deadline(30))
    assert server.requests == []


async def test_client_certificate(
    client: AgentClient,
    serve_raw: Any,
    answer: Any,
    authority: Certificate,
    tmp_path: Path,
) -> None:
    context = server_context(issue("server", "127.0.0.1", authority), tmp_path)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=authority.cert)
    server = await serve_raw(answer({"result": {"id": "t"}}), context)
    mine = issue("client", "127.0.0.1", authority)
    end = asyncio.get_running_loop().time() + 30
    auth = Credentials(ca=authority.cert, cert=mine.cert, key=mine.key)
    await client.get_task(AgentCard(url=server.url), "t", auth, end)
    with pytest.raises(AgentUnreachable):
        await client.get_task(AgentCard(url=server.url), "t", Credentials(ca=authority.cert), end)
    assert len(server.requests) == 1


async def test_trust_that_is_no_longer_used_is_forgotten(
    secured: Any, authority: Certificate, deadline: Deadline
) -> None:
    limits = ClientLimits(max_pools=2)
    async with AgentClient(user_agent="t", limits=limits) as client:
        for number in range(5):
            auth = Credentials(ca=authority.cert + "\n" * number)
            await client.get_task(AgentCard(url=secured.url), "t", auth, deadline(30))
        assert len(client._http._pools) == 2
    assert secured.connections == 5


@pytest.mark.parametrize(
    ("auth", "field"),
    [
        (Credentials(ca_file="/nowhere/ca.pem"), "caFile"),
        (Credentials(ca_file="/dev/null"), "caFile"),
        (Credentials(ca="no certificate"), "ca"),
        (Credentials(ca="grün"), "ca"),
        (Credentials(cert="no certificate", key="no key"), "cert and key"),
    ],
)
async def test_trust_that_cannot_be_loaded(
    auth: Credentials, field: str, client: AgentClient, deadline: Deadline
) -> None:
    with pytest.raises(CredentialsRefused, match=f"^{field}: found nothing to load"):
        await client.fetch_card("https://127.0.0.1:1", auth, deadline(30))


@pytest.mark.parametrize(
    "fields",
    [
        {"token": "abc\r\nX-Admin: 1"},
        {"token": "abc "},
        {"token": "grün"},
        {"token": "abc", "header": "Host"},
        {"token": "abc", "header": "X Key"},
        {"token": "abc", "header": ""},
        {"cert": "abc"},
        {"key": "abc"},
    ],
)
def test_credentials_that_no_header_can_carry(fields: dict[str, str]) -> None:
    with pytest.raises(CredentialsRefused) as caught:
        Credentials(**fields)
    assert "abc" not in str(caught.value)


def test_credentials_do_not_show_themselves() -> None:
    shown = repr(Credentials(token="s3cr3t", ca="AAA", cert="BBB", key="CCC"))
    assert not any(text in shown for text in ("s3cr3t", "AAA", "BBB", "CCC"))
