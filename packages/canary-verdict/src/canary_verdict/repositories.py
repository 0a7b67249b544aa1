"""Repositories on GitHub, and which of them the operator allows.

A repository's address is written by a tenant, in an AnalysisTemplate; the token belongs to the operator.
So the token goes to hosts and owners in the operator's list alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

_PORTS = {"http": 80, "https": 443}
_HOST = r"(?P<host>[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[::1\])(?::(?P<port>[0-9]{1,5}))?"
_OWNER = r"(?P<owner>[A-Za-z0-9][A-Za-z0-9_-]{0,99})"
_ADDRESS = re.compile(
    rf"(?i:(?P<scheme>https?)://{_HOST})/{_OWNER}/(?P<name>[A-Za-z0-9._-]{{1,100}}?)(?:\.git)?/?"
)
_ENTRY = re.compile(rf"(?i:(?:(?P<scheme>https?)://)?{_HOST})(?:/{_OWNER})?/?")
_LOOPBACK = re.compile(r"127(?:\.[0-9]{1,3}){3}|\[::1\]|localhost")


class RepositoryRefused(ValueError):  # noqa: N818 - the name says what happened
    """An address that is no repository's, or that the operator does not allow.

    The text says what was found and expected; user info and query of an address are not repeated.
    """


@dataclass(frozen=True, slots=True)
class GitHubRepository:
    """One repository.

    Attributes:
        origin: of the site that people see, as `https://github.com`.
        owner, name: as they are written.
    """

    origin: str
    owner: str
    name: str

    @property
    def api(self) -> str:
        """The REST API's base: api.github.com, GitHub Enterprise Cloud with its own name, or a server's."""
        scheme, _, host = self.origin.partition("://")
        if host == "github.com" or host.endswith(".ghe.com"):
            return f"{scheme}://api.{host}"
        return f"{self.origin}/api/v3"

    @property
    def path(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"

    @property
    def url(self) -> str:
        """The page that people see."""
        return f"{self.origin}/{self.path}"

    def search_link(self, key: str) -> str:
        """The page that lists the issues with a key."""
        return f"{self.url}/issues?q={quote(key, safe='')}"

    def __str__(self) -> str:
        """Its page's address."""
        return self.url


@dataclass(frozen=True, slots=True)
class AllowedOwners:
    """The operator's list: origins, each with the owners whose repositories may be written to."""

    owners: Mapping[str, frozenset[str]]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `github.com/my-org, https://ghe.example.com:8443/team`.

        A host without an owner allows nothing. Plain http is taken for loopback only, and only where the
        entry says so.

        Raises:
            RepositoryRefused: an entry that is none; the text names it.
        """
        owners: dict[str, set[str]] = {}
        for entry in text.replace(",", " ").split():
            found = _ENTRY.fullmatch(entry)
            if found is None:
                raise RepositoryRefused(
                    f"found {_shown(entry)}, expected host/owner, such as github.com/my-org"
                )
            origin = _origin(found, entry)
            owners.setdefault(origin, set()).update(
                [found["owner"].lower()] if found["owner"] else []
            )
        return cls({origin: frozenset(names) for origin, names in owners.items()})

    @property
    def is_empty(self) -> bool:
        """Whether nothing is allowed at all."""
        return not any(self.owners.values())

    def find(self, address: str) -> GitHubRepository:
        """The repository that `address` names.

        Raises:
            RepositoryRefused: it names none, or one that is not allowed.
        """
        repository = parse_repository(address)
        if repository.owner.lower() not in self.owners.get(repository.origin, ()):
            raise RepositoryRefused(
                f"found {repository.origin}/{repository.owner}, expected one that the operator allows"
            )
        return repository


def parse_repository(address: str) -> GitHubRepository:
    """Reads a repository's address strictly: scheme, host, port, owner, name, and nothing else.

    Raises:
        RepositoryRefused: anything else, such as user info, a query, an escaped letter or ssh.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None or found["name"] in {".", ".."}:
        raise RepositoryRefused(
            f"found {_what_is_wrong(address)}, expected https://host/owner/repository"
        )
    return GitHubRepository(_origin(found, address), found["owner"], found["name"])


def _origin(found: re.Match[str], text: str) -> str:
    scheme, host = (found["scheme"] or "https").lower(), found["host"].lower()
    if scheme == "http" and not _LOOPBACK.fullmatch(host):
        raise RepositoryRefused(
            f"found plain http in {_shown(text)}, expected https, since a token is sent"
        )
    port = int(found["port"] or _PORTS[scheme])
    if not 0 < port < 65_536:
        raise RepositoryRefused(f"found the port {port}, expected 1 to 65535")
    return f"{scheme}://{host}" if port == _PORTS[scheme] else f"{scheme}://{host}:{port}"


def _what_is_wrong(address: str) -> str:
    if "@" in address:
        return "a user, a password or an ssh address"
    if "?" in address or "#" in address:
        return "a query or a fragment"
    if "%" in address or "\\" in address:
        return "escaped letters or backslashes"
    return _shown(address)


def _shown(text: str) -> str:
    if "@" in text:
        return "an entry with a user in it"
    return ascii(text if len(text) <= 80 else text[:80] + "...")
