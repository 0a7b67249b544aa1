"""A certificate authority for one control plane, and the keys that its programs need."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = ["Authority", "KeyPair"]

_LIFE = timedelta(days=7)
_Key = ec.EllipticCurvePrivateKey


class KeyPair:
    """Two PEM files: `<name>.crt`, and `<name>.key` that its owner alone can read."""

    def __init__(self, folder: Path, name: str) -> None:
        self.certificate = folder / f"{name}.crt"
        self.key = folder / f"{name}.key"

    def write(self, certificate: x509.Certificate, key: _Key) -> None:
        """Writes both files."""
        self.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        self.key.touch(mode=0o600)
        self.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )


class Authority:
    """Signs certificates for addresses of 127.0.0.0/8, valid for a week.

    Args:
        folder: for all files; must be there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("metric-ai e2e")
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        builder = self._builder(self._name, self._key).add_extension(constraints, critical=True)
        usage = _key_usage(signs_certificates=True)
        own = builder.add_extension(usage, critical=True).sign(self._key, hashes.SHA256())
        pair = KeyPair(folder, "ca")
        pair.write(own, self._key)
        self.certificate = pair.certificate

    def server(self, name: str, address: str) -> KeyPair:
        """A server's key pair."""
        addresses = [x509.IPAddress(ipaddress.ip_address(address)), x509.DNSName("localhost")]
        names = x509.SubjectAlternativeName(addresses)
        return self._signed(name, name, ExtendedKeyUsageOID.SERVER_AUTH, names)

    def client(self, name: str) -> KeyPair:
        """A client's key pair, with `name` as common name."""
        return self._signed(name, name, ExtendedKeyUsageOID.CLIENT_AUTH, None)

    def _signed(
        self,
        file: str,
        name: str,
        usage: x509.ObjectIdentifier,
        names: x509.SubjectAlternativeName | None,
    ) -> KeyPair:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(_name(name), key)
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        builder = builder.add_extension(_key_usage(), critical=True)
        if names:
            builder = builder.add_extension(names, critical=False)
        pair = KeyPair(self._folder, file)
        pair.write(builder.sign(self._key, hashes.SHA256()), key)
        return pair

    def _builder(self, subject: x509.Name, key: _Key) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=5))
            .not_valid_after(now + _LIFE)
            .add_extension(issuer_key, critical=False)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
        )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _key_usage(*, signs_certificates: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
