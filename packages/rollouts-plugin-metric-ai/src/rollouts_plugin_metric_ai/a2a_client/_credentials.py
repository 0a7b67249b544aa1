"""What a request carries to prove who asks, and whom it trusts."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rollouts_plugin_metric_ai._trust import load_client_certificate, system_ca

from ._errors import CredentialsRefused

if TYPE_CHECKING:
    import ssl

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
RESERVED_HEADERS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "content-type", "a2a-version"}
)
"""Names in lower case that no token may be sent in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Token, trust and client certificate of one agent. Its repr shows none of their values.

    Attributes:
        token: sent as `Authorization: Bearer <token>`, or bare in `header` when that is another one.
        header: the header's name.
        origin: where the token may go, as `https://agent.example:8443`; empty: wherever it is used.
        ca_file: path of a PEM file with CAs to trust besides the system's.
        ca: the same as PEM text.
        cert: client certificate chain, PEM text.
        key: its private key, PEM text.
    """

    token: str = field(default="", repr=False)
    header: str = "Authorization"
    origin: str = ""
    ca_file: str = ""
    ca: str = field(default="", repr=False)
    cert: str = field(default="", repr=False)
    key: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not _HEADER_NAME.fullmatch(self.header) or self.header.lower() in RESERVED_HEADERS:
            raise CredentialsRefused(
                f"header: found {self.header[:100]!a}, expected a header name that HTTP leaves free"
            )
        if self.token and not _HEADER_VALUE.fullmatch(self.token):
            raise CredentialsRefused(
                "token: found blanks at its ends, line ends or letters beyond ASCII, expected what a "
                "header can carry"
            )
        if bool(self.cert) != bool(self.key):
            raise CredentialsRefused("cert and key: found one of the two, expected both or none")

    def headers_for(self, origin: str) -> dict[str, str]:
        """The headers that a request to `origin` carries."""
        if not self.token or (self.origin and self.origin.lower().rstrip("/") != origin):
            return {}
        bearer = self.header.lower() == "authorization"
        return {self.header: f"Bearer {self.token}" if bearer else self.token}

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that no message may hold."""
        return tuple(text for text in (self.token, self.key) if text)

    def trust_key(self) -> tuple[object, ...]:
        """Equal for credentials whose TLS context can be shared; changes with the CA file."""
        if not (self.ca_file or self.ca or self.cert):
            return ()
        changed = 0
        if self.ca_file:
            with _loading("caFile"):
                changed = Path(self.ca_file).stat().st_mtime_ns
        return (self.ca_file, changed, self.ca, self.cert, self.key)


NO_CREDENTIALS = Credentials()


def load_tls(credentials: Credentials) -> "ssl.SSLContext":
    """A context that trusts the system's CAs and those of `credentials`: some 40 ms of work.

    The system's are those in SSL_CERT_FILE, or else those in the usual places.

    Raises:
        CredentialsRefused: a file or text that holds no certificate or key.
    """
    import ssl  # noqa: PLC0415 - 25 ms that agents without TLS need not pay

    with _loading("SSL_CERT_FILE"):
        context = ssl.create_default_context(cafile=system_ca())
    if credentials.ca_file:
        with _loading("caFile"):
            context.load_verify_locations(cafile=credentials.ca_file)
    if credentials.ca:
        with _loading("ca"):
            context.load_verify_locations(cadata=credentials.ca.encode("ascii").decode())
    if credentials.cert:
        with _loading("cert and key"):
            load_client_certificate(context, credentials.cert, credentials.key)
    return context


@contextmanager
def _loading(name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        raise _refused(name, error) from error


def _refused(field_name: str, error: Exception) -> CredentialsRefused:
    reason = (
        getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
    )
    return CredentialsRefused(f"{field_name}: found nothing to load ({reason}), expected PEM")
