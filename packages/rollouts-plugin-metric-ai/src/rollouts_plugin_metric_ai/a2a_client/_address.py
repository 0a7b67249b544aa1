"""Addresses of agents: what one may look like, and where a request may go.

An AnalysisTemplate is written by a tenant of the cluster, so `agentUrl` is a door through which the
controller can be sent to places that the tenant cannot reach himself. `HostPolicy` is its lock: names
are checked when an address is read, and numbers when a connection is opened, after the name was
resolved, so that a name which resolves to a metadata service does not get through.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from ._errors import AddressRefused

_PORTS = {"http": 80, "https": 443}
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_PRINTABLE = re.compile(r"[\x21-\x7e]+")

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

# Link-local, and what clouds answer their metadata and credentials on outside of it: AWS (IPv6),
# Google (IPv6), Alibaba, Oracle, Azure; then addresses that are nobody's own.
_REFUSED: tuple[IPNetwork, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "169.254.0.0/16",
        "fe80::/10",
        "fd00:ec2::254/128",
        "fd20:ce::254/128",
        "100.100.100.200/32",
        "192.0.0.192/32",
        "168.63.129.16/32",
        "0.0.0.0/8",
        "::/128",
        "224.0.0.0/4",
        "255.255.255.255/32",
        "ff00::/8",
    )
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Address:
    """An http or https address, taken apart.

    Attributes:
        scheme: `http` or `https`.
        host: lower case; an IPv6 address without its brackets.
        port: 1 to 65535.
        target: path and query, beginning with a slash.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def netloc(self) -> str:
        """Host and, where it is not the scheme's own, port: as the Host header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port; two addresses of one origin are one server."""
        return f"{self.scheme}://{self.netloc}"

    def __str__(self) -> str:
        """The address without its query, which may hold what nobody should read."""
        return self.origin + self.target.partition("?")[0]

    def with_target(self, target: str) -> "Address":
        """Another path and query on the same server."""
        return Address(self.scheme, self.host, self.port, target)


# The same few addresses come with every call.
@lru_cache(maxsize=256)
def parse_address(text: str, what: str = "agentUrl", *, query: bool = False) -> Address:
    """Reads an address strictly.

    Args:
        text: the address.
        what: its name in error texts.
        query: whether a query is allowed; a fragment never is.

    Raises:
        AddressRefused: another scheme, user info, a fragment, a query that is not allowed, a host or
            port that is none. User info and query are not repeated in the text.
    """
    if not text:
        raise AddressRefused(f"{what}: found nothing, expected an http or https address")
    if len(text) > 2048 or not _PRINTABLE.fullmatch(text) or "\\" in text:
        raise AddressRefused(
            f"{what}: found blanks, control characters, backslashes, letters beyond ASCII or more "
            f"than 2048 characters, expected an http or https address"
        )
    scheme, separator, _ = text.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in _PORTS:
        found = f"the scheme {scheme[:20]!r}" if separator else "no scheme"
        raise AddressRefused(f"{what}: found {found}, expected http:// or https://")
    host, port, path, rest = _split(text, what)
    if "#" in text or ("?" in text and not query):
        raise AddressRefused(
            f"{what}: found a query or a fragment after {scheme}://{host}, expected none"
        )
    return Address(scheme, host, port or _PORTS[scheme], (path or "/") + rest)


def _split(text: str, what: str) -> tuple[str, int | None, str, str]:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise AddressRefused(
            f"{what}: found a host or port that is none: expected host:port"
        ) from (error)
    if "@" in parts.netloc:
        raise AddressRefused(
            f"{what}: found a user or password in it, expected none: put credentials under auth"
        )
    if "[" in parts.netloc:
        usable = isinstance(as_ip(host), ipaddress.IPv6Address)
    else:
        usable = as_ip(host) is not None or (len(host) <= 253 and _NAME.fullmatch(host) is not None)
    if port == 0 or not usable:
        raise AddressRefused(f"{what}: found the host {host[:80]!r}, expected a name or an address")
    return host, port, parts.path, f"?{parts.query}" if parts.query else ""


def as_ip(host: str) -> IPAddress | None:
    """The address that `host` spells, without a zone; None for a name."""
    if "%" in host:
        return None
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


class HostPolicy:
    """Where requests may go.

    Without `allowed`, anywhere but to link-local, metadata, unspecified and multicast addresses; these
    are refused for names too, once resolved. Loopback and private addresses are allowed, since agents
    live there.
    """

    def __init__(self, allowed: Iterable[str] = (), rpc_origins: Iterable[str] = ()) -> None:
        """Reads the operator's lists.

        Args:
            allowed: if there are any, only these hosts: names, `*.suffix`, addresses, networks such as
                `10.0.0.0/8` (networks match hosts written as addresses, not resolved names). An address
                or network listed here is also lifted from the refused ones.
            rpc_origins: origins such as `https://rpc.example:8443` that a card may name besides the
                origin of agentUrl.

        Raises:
            AddressRefused: an origin that is none.
        """
        entries = [entry.strip().lower() for entry in allowed if entry.strip()]
        self._networks = [net for entry in entries if (net := _network(entry)) is not None]
        self._names = [entry.rstrip(".") for entry in entries if _network(entry) is None]
        self._closed = bool(entries)
        self._rpc_origins = frozenset(parse_address(text, "origin").origin for text in rpc_origins)

    def check(self, address: Address) -> None:
        """Raises AddressRefused when the host, as written, is not allowed."""
        ip = as_ip(address.host)
        if ip is not None:
            self.check_ip(ip, address.host)
            allowed = any(ip in network for network in self._networks)
        else:
            allowed = any(_matches(address.host.rstrip("."), name) for name in self._names)
        if self._closed and not allowed:
            raise AddressRefused(
                f"found the host {address.host!r}, expected one that the operator allows"
            )

    def check_ip(self, ip: IPAddress, host: str) -> None:
        """Raises AddressRefused when nobody may connect to `ip`, to which `host` resolved."""
        ip = _embedded(ip)
        if any(ip in network for network in self._networks):
            return
        if any(ip in network for network in _REFUSED):
            raise AddressRefused(
                f"found {host!r} at {ip}, expected no link-local, metadata, unspecified or multicast "
                f"address"
            )

    def allows_rpc(self, agent: Address, rpc: Address) -> bool:
        """Whether the card of `agent` may name `rpc`."""
        return rpc.origin == agent.origin or rpc.origin in self._rpc_origins

    def allows_link(self, agent: Address, link: Address) -> bool:
        """Whether people may be shown the address `link` that `agent` has named.

        Where the operator has listed no hosts, that is the agent's own origin alone: what is asked may
        be anywhere then, but what is clicked on is clicked on by the operator.
        """
        if self.allows_rpc(agent, link):
            return True
        ip = as_ip(link.host)
        if ip is not None:
            return any(ip in network for network in self._networks)
        return any(_matches(link.host.rstrip("."), name) for name in self._names)


def _network(entry: str) -> IPNetwork | None:
    try:
        return ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return None


def _matches(host: str, name: str) -> bool:
    return host.endswith(name[1:]) if name.startswith("*.") else host == name


def _embedded(ip: IPAddress) -> IPAddress:
    """The IPv4 address that an IPv6 one carries (mapped, 6to4, NAT64), or `ip` itself."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip
