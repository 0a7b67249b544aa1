"""Where this machine gets Debian packages from, read from its own apt configuration."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ._packages import release
from ._steps import BuildError

_SOURCES = Path("/etc/apt")
_KEYRINGS = (
    "/usr/share/keyrings/debian-archive-keyring.gpg",
    "/usr/share/keyrings/debian-archive-keyring.pgp",
)
_VARIABLE = "DEBIAN_MIRROR"
_ONE_LINE = re.compile(r"deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)")


@dataclass(frozen=True)
class Mirror:
    """An archive and one of its suites, such as `trixie` or `trixie-security`."""

    uri: str
    suite: str


def mirrors(suite: str) -> list[Mirror]:
    """The archives of this machine's Debian, asked for another suite of it.

    On Ubuntu, whose archives hold no Debian source, `DEBIAN_MIRROR` names one.

    Raises:
        BuildError: there is none.
    """
    if named := os.environ.get(_VARIABLE):
        return [Mirror(named, suite)]
    codename = release().get("VERSION_CODENAME", "")
    found = []
    if release().get("ID") == "debian":
        for uri, configured in _configured():
            if configured in {codename, f"{codename}-security"}:
                found.append(Mirror(uri, configured.replace(codename, suite, 1)))
    if not found:
        raise BuildError(
            f"found no Debian archive in {_SOURCES}, expected one to fetch CPython's source from: "
            f"set {_VARIABLE} to the address of a Debian mirror, or build in a debian:{suite} container"
        )
    return list(dict.fromkeys(found))


def keyring() -> str:
    """The file with the keys that Debian signs its archives with.

    Raises:
        BuildError: it is not installed.
    """
    for path in _KEYRINGS:
        if Path(path).is_file():
            return path
    raise BuildError("found no keys of Debian's archives: apt-get install debian-archive-keyring")


def _configured() -> Iterator[tuple[str, str]]:
    """Address and suite of each archive of binary packages in apt's lists."""
    folder = _SOURCES / "sources.list.d"
    for path in (_SOURCES / "sources.list", *sorted(folder.glob("*.list"))):
        if path.is_file():
            for line in path.read_text().splitlines():
                if match := _ONE_LINE.match(line.strip()):
                    yield match[1], match[2]
    for path in sorted(folder.glob("*.sources")):
        for stanza in re.split(r"\n\s*\n", path.read_text()):
            yield from _stanza(stanza.splitlines())


def _stanza(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    pairs = (line.partition(":") for line in lines if not line.startswith(("#", " ", "\t")))
    fields = {name.strip().lower(): value.split() for name, _, value in pairs}
    if "deb" in fields.get("types", ()) and fields.get("enabled") != ["no"]:
        for uri in fields.get("uris", ()):
            for suite in fields.get("suites", ()):
                yield uri, suite
