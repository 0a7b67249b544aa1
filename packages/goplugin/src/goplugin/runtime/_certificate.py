"""The one-time certificate of one side of AutoMTLS (mtls.go: generateCert). Needs the extra `goplugin[mtls]`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_HOST = "localhost"  # go-plugin's clients verify this name
_ORGANISATION = "HashiCorp"  # as Go's, so that nobody who looks at names tells them apart
_BACKDATED = timedelta(seconds=30)
_VALID = timedelta(hours=262_980)


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate and its key, which live in memory alone.

    Attributes:
        certificate: DER.
        key: PKCS #8 in PEM, not encrypted.
    """

    certificate: bytes
    key: bytes = field(repr=False)


def generate_identity() -> Identity:
    """Makes a key on P-521 and a certificate that it signs itself, for a client and a server, valid for 30 years."""
    key = ec.generate_private_key(ec.SECP521R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, _HOST),
        ]
    )
    now = datetime.now(UTC)
    usages = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + _VALID)
        .add_extension(_KEY_USAGE, critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(_HOST)]), critical=False)
        .sign(key, hashes.SHA512())
    )
    return Identity(
        certificate.public_bytes(Encoding.DER),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


_KEY_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=True,
    data_encipherment=False,
    key_agreement=True,
    key_cert_sign=True,  # each side takes the other's certificate for a CA that signed itself
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
