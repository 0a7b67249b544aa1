"""What the host tells a plugin by environment variables (client.go: Start; constants.go; server.go: Serve)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

PROTOCOL_VERSIONS = "PLUGIN_PROTOCOL_VERSIONS"
CLIENT_CERT = "PLUGIN_CLIENT_CERT"
SOCKET_DIR = "PLUGIN_UNIX_SOCKET_DIR"
SOCKET_GROUP = "PLUGIN_UNIX_SOCKET_GROUP"
MIN_PORT = "PLUGIN_MIN_PORT"
MAX_PORT = "PLUGIN_MAX_PORT"
MULTIPLEX_GRPC = "PLUGIN_MULTIPLEX_GRPC"


class Environment(NamedTuple):
    """The host's wishes.

    `PLUGIN_MIN_PORT` and `PLUGIN_MAX_PORT` come too; they bound TCP ports, which a plugin on a unix socket has no use for, so
    they are not read (server.go: serverListener).

    Attributes:
        protocol_versions: The app protocol versions that the host speaks, as it wrote them ("1" or "1,2"); empty when unsaid.
        client_certificate: PEM text when the host wants AutoMTLS; else empty.
        socket_dir: Folder in which the host wants the socket itself; empty: ours to choose.
        socket_group: Name or number of the group that may connect; empty: the owner alone.
        multiplex_grpc: Whether the host wants the handshake line's seventh segment, which concerns gRPC alone.
        temp_dir: Where temporary files go.
    """

    protocol_versions: str
    client_certificate: str
    socket_dir: str
    socket_group: str
    multiplex_grpc: bool
    temp_dir: str

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Environment:
        """Reads the variables, usually `os.environ`; what is missing is empty."""
        return cls(
            protocol_versions=variables.get(PROTOCOL_VERSIONS, ""),
            client_certificate=variables.get(CLIENT_CERT, ""),
            socket_dir=variables.get(SOCKET_DIR, ""),
            socket_group=variables.get(SOCKET_GROUP, ""),
            multiplex_grpc=bool(variables.get(MULTIPLEX_GRPC)),
            temp_dir=variables.get("TMPDIR", "") or "/tmp",  # noqa: S108 - Go's os.TempDir; a private folder is made in it
        )
