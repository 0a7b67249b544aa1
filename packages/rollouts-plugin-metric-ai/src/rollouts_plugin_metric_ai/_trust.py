"""What every TLS client of the plugin needs: the system's CAs, and client certificates held as text."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

# The usual places of the system's certificates: Debian and distroless, Red Hat, Alpine.
_SYSTEM_CA = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)


def system_ca() -> str | None:
    """The file with the system's CAs: SSL_CERT_FILE, or else the first of the usual places."""
    named = os.environ.get("SSL_CERT_FILE")
    return named or next((path for path in _SYSTEM_CA if Path(path).is_file()), None)


def load_client_certificate(context: "ssl.SSLContext", cert: str, key: str) -> None:
    """Has `context` show the certificate chain `cert` with its private key, both PEM text.

    Raises:
        OSError: they cannot be loaded.
    """
    # OpenSSL as Python has it reads keys from files only. This one lies in memory (Linux), so that no key
    # stays on a disk after a kill, and none is missing where nothing can be written.
    descriptor = os.memfd_create("client-certificate")
    with os.fdopen(descriptor, "w", encoding="ascii", errors="replace") as file:
        file.write(f"{cert}\n{key}\n")
        file.flush()
        # Without a password function OpenSSL would ask for one at the terminal.
        context.load_cert_chain(f"/proc/self/fd/{descriptor}", password="")


def root_reason(error: BaseException) -> str:
    """What lies at the bottom of a chain of wrapped errors, such as a certificate's fault."""
    cause = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    for name in ("verify_message", "strerror"):
        text = getattr(cause, name, None)
        if isinstance(text, str) and text:
            return text
    return str(cause) or type(cause).__name__
