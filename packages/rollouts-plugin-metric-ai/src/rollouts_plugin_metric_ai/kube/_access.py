"""Where the Kubernetes API is, and by what it and we prove who we are.

Source: client-go, rest.InClusterConfig; the kubelet exchanges token and CA in place, so both files are
read for each use.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rollouts_plugin_metric_ai._trust import load_client_certificate, root_reason, system_ca
from rollouts_plugin_metric_ai.a2a_client import Address, AddressRefused, parse_address

from ._errors import NoAccessError

if TYPE_CHECKING:
    import ssl

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
KUBECONFIG = "KUBECONFIG"
_MAX_FILE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterAccess:
    """How to reach one API server, as it is now. Its repr shows no secret.

    Attributes:
        server: its address; a path is put before those of the API.
        token: bearer token, or empty.
        ca: PEM text of the CAs that the server is trusted by; empty: the system's.
        cert: client certificate chain, PEM text, or empty.
        key: its private key, PEM text.
        server_name: the name in the server's certificate, where it is not the host.
        namespace: the account's own; empty where it is not known.
    """

    server: Address
    token: str = field(default="", repr=False)
    ca: str = field(default="", repr=False)
    cert: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    server_name: str = ""
    namespace: str = ""

    def __post_init__(self) -> None:
        # Refused here, since HTTP engines quote headers that cannot be sent.
        if not self.token.isascii() or (self.token and not self.token.isprintable()):
            raise NoAccessError(
                "found a token with line ends or letters beyond ASCII, expected a word"
            )

    @property
    def trust(self) -> tuple[str, str, str]:
        """Equal for accesses that can share connections."""
        return self.ca, self.cert, self.key

    def load_tls(self) -> "ssl.SSLContext":
        """The context for `server`: a few milliseconds of work.

        Raises:
            NoAccessError: `ca`, `cert` or `key` hold nothing that can be loaded.
        """
        import ssl  # noqa: PLC0415 - 25 ms, which servers without TLS need not pay

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            if self.ca:
                context.load_verify_locations(cadata=self.ca)
            elif found := system_ca():
                context.load_verify_locations(cafile=found)
            if self.cert:
                load_client_certificate(context, self.cert, self.key)
        except (OSError, ValueError) as error:
            raise NoAccessError(
                f"the CA or client certificate cannot be loaded: {root_reason(error)[:120]}"
            ) from error
        return context


def find_access(
    environment: Mapping[str, str], service_account: Path = SERVICE_ACCOUNT
) -> ClusterAccess:
    """The access that KUBECONFIG names, or else the pod's own service account.

    Args:
        environment: KUBECONFIG, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are read.
        service_account: the folder with `token`, `ca.crt` and `namespace`.

    Raises:
        NoAccessError: there is neither, or it cannot be used.
    """
    if named := environment.get(KUBECONFIG, ""):
        from ._kubeconfig import read_kubeconfig  # noqa: PLC0415 - only where there is one

        return read_kubeconfig(Path(named))
    host = environment.get("KUBERNETES_SERVICE_HOST", "")
    port = environment.get("KUBERNETES_SERVICE_PORT", "")
    if not host or not port:
        raise NoAccessError(
            "found neither KUBECONFIG nor KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT in the "
            "controller's environment"
        )
    netloc = f"[{host}]" if ":" in host else host
    return ClusterAccess(
        server=server_address(f"https://{netloc}:{port}"),
        token=read_text(service_account / "token").strip(),
        ca=read_text(service_account / "ca.crt"),
        namespace=_namespace(service_account / "namespace"),
    )


def _namespace(path: Path) -> str:
    try:
        return read_text(path).strip()
    except NoAccessError:
        return ""  # only some uses need it


def server_address(text: str) -> Address:
    """The API server's address, read strictly.

    Raises:
        NoAccessError: it is none.
    """
    try:
        return parse_address(text, "the API server's address")
    except AddressRefused as error:
        raise NoAccessError(str(error)) from error


def read_text(path: Path) -> str:
    """A small file's text; bytes beyond UTF-8 make it unreadable.

    Raises:
        NoAccessError: it cannot be read, is empty or too large.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_FILE + 1)
        text = data.decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "no UTF-8"
        raise NoAccessError(f"{path} cannot be read: {reason}") from error
    if not text or len(data) > _MAX_FILE:
        raise NoAccessError(f"{path}: found {len(data)} bytes, expected 1 to {_MAX_FILE}")
    return text
