"""The handshake: a cookie in the environment one way, one line on the plugin's stdout the other way.

Follows go-plugin v1.6.3: server.go (`Serve`, `protocolVersion`) and client.go (`Start`, `checkProtoVersion`).
"""

import re
from collections.abc import Collection
from typing import Final, NamedTuple, Never, Self

from goplugin.wire._errors import LocalProtocolError, RemoteProtocolError
from goplugin.wire._limits import DEFAULT_LIMITS, Limits

__all__ = [
    "CORE_VERSION",
    "NETRPC",
    "UNIX",
    "HandshakeConfig",
    "HandshakeLine",
    "negotiate_version",
    "parse_versions",
]

CORE_VERSION: Final = 1
"""Version of go-plugin's own protocol (server.go: CoreProtocolVersion)."""

UNIX: Final = "unix"
"""The only network that we speak; go-plugin has `tcp` as well, for Windows."""

NETRPC: Final = "netrpc"
"""The only plugin protocol that we speak; go-plugin has `grpc` as well."""

# Older servers put other text after the last bar; a certificate is never this short (client.go, Start).
_LONGEST_NON_CERTIFICATE = 50

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)  # what strconv.Atoi reads, well within 64 bits
_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})  # strconv.ParseBool
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})


class _Config(
    NamedTuple
):  # a dataclass takes 17 ms more to import, before a plugin's handshake line
    protocol_version: int
    magic_cookie_key: str
    magic_cookie_value: str


class HandshakeConfig(_Config):
    """What a host and its plugins have to agree on (server.go: HandshakeConfig).

    The cookie is no secret and protects nothing: it tells a person who starts the plugin by hand from a host.

    Attributes:
        protocol_version: Version of the application's interface, 0 or more.
        magic_cookie_key: Name of an environment variable.
        magic_cookie_value: Its value in a plugin that a host has started.

    Raises:
        LocalProtocolError: The key or the value is empty, or the version is negative.
    """

    __slots__ = ()

    def __new__(cls, protocol_version: int, magic_cookie_key: str, magic_cookie_value: str) -> Self:
        """Checks what it is given."""
        if not magic_cookie_key or not magic_cookie_value:
            raise LocalProtocolError(
                "magic_cookie_key and magic_cookie_value must not be empty; use what the host uses"
            )
        if protocol_version < 0:
            raise LocalProtocolError(f"protocol_version is {protocol_version}, expected 0 or more")
        return super().__new__(cls, protocol_version, magic_cookie_key, magic_cookie_value)


class HandshakeLine(NamedTuple):
    """The one line that a plugin writes to stdout before anything else.

    Attributes:
        core_version: Always 1.
        app_version: The version of the application's interface that the plugin chose.
        network: Always `unix`.
        address: Path of the socket.
        protocol: Always `netrpc`.
        server_certificate: For AutoMTLS: the certificate (DER) in base64 without padding; empty without AutoMTLS.
        multiplexing: The seventh segment, which concerns gRPC alone; None: the line has six segments. A plugin writes it
            only where the host has set `PLUGIN_MULTIPLEX_GRPC`.
    """

    core_version: int
    app_version: int
    network: str
    address: str
    protocol: str = NETRPC
    server_certificate: str = ""
    multiplexing: bool | None = None

    def format(self) -> str:
        """Returns the line without its newline.

        Raises:
            LocalProtocolError: The host could not read it back: a version, network or protocol that it does not know, or an
                address or certificate that is empty, has a bar, a line break or white space at an end.
        """
        self._check_sendable()
        segments = [
            str(self.core_version),
            str(self.app_version),
            self.network,
            self.address,
            self.protocol,
            self.server_certificate,
        ]
        if self.multiplexing is not None:
            segments.append("true" if self.multiplexing else "false")
        return "|".join(segments)

    def _check_sendable(self) -> None:
        for name, found, expected in (
            ("core_version", self.core_version, CORE_VERSION),
            ("network", self.network, UNIX),
            ("protocol", self.protocol, NETRPC),
        ):
            if found != expected:
                raise LocalProtocolError(f"{name} is {found!r}, expected {expected!r}")
        for name, text in (
            ("address", self.address),
            ("server_certificate", self.server_certificate),
        ):
            if set(text) & {"|", "\r", "\n"} or text != text.strip():
                raise LocalProtocolError(
                    f"{name} {text!r} does not fit between two bars of one line"
                )
        if not self.address:
            raise LocalProtocolError("address is empty; give the path of the socket")

    @classmethod
    def parse(cls, line: str, limits: Limits = DEFAULT_LIMITS) -> "HandshakeLine":
        """Reads a plugin's line, with or without its newline.

        Args:
            line: What the plugin wrote, decoded with `errors="surrogateescape"`.
            limits: `handshake_line_chars` is the longest line taken.

        Raises:
            RemoteProtocolError: The line is no handshake, or asks for what we do not speak. `offset` is that of the segment.
        """
        if len(line) > limits.handshake_line_chars:
            raise RemoteProtocolError(
                f"handshake line of {len(line)} characters, expected {limits.handshake_line_chars} at most",
                0,
            )
        return _LineParser(line).parse()

    def require_version(self, versions: Collection[int]) -> None:
        """Checks that the host knows the plugin's application version (client.go: checkProtoVersion).

        Raises:
            RemoteProtocolError: It does not.
        """
        if self.app_version not in versions:
            known = ", ".join(str(version) for version in sorted(versions))
            raise RemoteProtocolError(
                f"the plugin speaks version {self.app_version} of the application's protocol, expected one of: {known}",
                len(f"{self.core_version}|"),
            )


class _LineParser:
    """Reads the segments of one line and knows where each begins."""

    def __init__(self, line: str) -> None:
        self._line = line
        self._stripped = line.strip()
        self._segments = self._stripped.split("|")

    def parse(self) -> HandshakeLine:
        if len(self._segments) < 4:
            raise RemoteProtocolError(
                f"{self._stripped[:200]!r} is no handshake of a plugin, expected "
                "'core version|application version|network|address|protocol|certificate'",
                0,
            )
        core_version = self._integer(0, "core protocol version")
        if core_version != CORE_VERSION:
            self._refuse(0, f"core protocol version is {core_version}, expected {CORE_VERSION}")
        app_version = self._integer(1, "application protocol version")
        if (network := self._segments[2]) != UNIX:
            self._refuse(
                2, f"network is {network[:200]!r}, expected {UNIX!r}: only unix sockets are spoken"
            )
        if not (address := self._segments[3]):
            self._refuse(3, "the address is empty, expected the path of a socket")
        protocol = self._segment(4) or NETRPC
        if protocol != NETRPC:
            self._refuse(
                4,
                f"plugin protocol is {protocol[:200]!r}, expected {NETRPC!r}: build the plugin for net/rpc",
            )
        certificate = self._segment(5)
        if len(certificate) <= _LONGEST_NON_CERTIFICATE:
            certificate = ""
        return HandshakeLine(
            core_version, app_version, network, address, protocol, certificate, self._multiplexing()
        )

    def _segment(self, index: int) -> str:
        return self._segments[index] if index < len(self._segments) else ""

    def _integer(self, index: int, name: str) -> int:
        text = self._segments[index]
        if not _INTEGER.fullmatch(text):
            self._refuse(index, f"{name} is {text[:200]!r}, expected an integer")
        return int(text)

    def _multiplexing(self) -> bool | None:
        if len(self._segments) < 7:
            return None
        text = self._segments[6]
        if text not in _TRUE | _FALSE:
            self._refuse(6, f"gRPC multiplexing is {text[:200]!r}, expected 'true' or 'false'")
        return text in _TRUE

    def _refuse(self, index: int, rule: str) -> Never:
        indent = self._line.index(self._stripped)
        before = self._line[:indent] + "".join(f"{segment}|" for segment in self._segments[:index])
        raise RemoteProtocolError(rule, len(before.encode(errors="surrogateescape")))


def parse_versions(text: str) -> tuple[list[int], list[str]]:
    """Reads `PLUGIN_PROTOCOL_VERSIONS`: the versions that the host knows, separated by commas.

    Returns:
        The versions, and the entries that are none: go-plugin reports these on stderr and goes on without them.
    """
    versions: list[int] = []
    invalid: list[str] = []
    for entry in text.split(",") if text else ():
        if _INTEGER.fullmatch(entry):
            versions.append(int(entry))
        else:
            invalid.append(entry)
    return versions, invalid


def negotiate_version(ours: Collection[int], host_versions: str) -> int:
    """Chooses the version of the application's protocol as a plugin does (server.go: protocolVersion).

    Args:
        ours: The versions that the plugin has.
        host_versions: `PLUGIN_PROTOCOL_VERSIONS` of the environment; empty where the host does not set it.

    Returns:
        The highest version that both have; else our lowest, for hosts that do not say what they know: the host refuses it
        where it does not fit.

    Raises:
        LocalProtocolError: `ours` is empty.
    """
    if not ours:
        raise LocalProtocolError("the plugin has no version of its protocol; give one at least")
    common = set(ours) & set(parse_versions(host_versions)[0])
    return max(common) if common else min(ours)
