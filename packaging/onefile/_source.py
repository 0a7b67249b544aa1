"""CPython's source: Debian's source package with Debian's security patches, pinned by version and hash."""

import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from ._mirrors import keyring, mirrors
from ._steps import BuildError, run, say

PIN_FILE = Path(__file__).resolve().parents[1] / "cpython.json"
_FETCH_SECONDS = 600.0
_UNPACK_SECONDS = 300.0
_REPIN = "PYTHONPATH=packaging python3 -m onefile pin"


@dataclass(frozen=True)
class Pin:
    """Which source is built.

    Attributes:
        suite: Debian's, such as `trixie`.
        source: the source package's name.
        version: its Debian version.
        files: the sha256 of each of its files, by name.
    """

    suite: str
    source: str
    version: str
    files: dict[str, str]

    @property
    def upstream(self) -> str:
        """CPython's own version, such as `3.13.5`."""
        return self.version.partition("-")[0]

    @property
    def original(self) -> str:
        """The sha256 of CPython's own tarball."""
        return next(digest for name, digest in self.files.items() if ".orig.tar" in name)


def read_pin() -> Pin:
    """What `packaging/cpython.json` says."""
    return Pin(**json.loads(PIN_FILE.read_text()))


class Archive:
    """Debian's archives through a private apt, so that the machine's own lists stay as they are.

    Args:
        folder: for its lists and its log; made when needed.
        suite: the suite whose sources it knows.
    """

    def __init__(self, folder: Path, suite: str) -> None:
        self._folder = folder
        self._suite = suite
        self._log = folder / "apt.log"
        self._environment = {
            **os.environ,
            "LC_ALL": "C.UTF-8",
            "APT_CONFIG": str(folder / "apt.conf"),
        }

    def update(self) -> None:
        """Fetches the lists; apt checks their signatures with Debian's keys."""
        for part in ("lists/partial", "cache/archives/partial"):
            (self._folder / part).mkdir(parents=True, exist_ok=True)
        lines = [
            f"deb-src [signed-by={keyring()}] {mirror.uri} {mirror.suite} main\n"
            for mirror in mirrors(self._suite)
        ]
        (self._folder / "sources.list").write_text("".join(lines))
        (self._folder / "apt.conf").write_text(
            f'Dir::Etc::sourcelist "{self._folder}/sources.list";\n'
            'Dir::Etc::sourceparts "/dev/null";\n'
            f'Dir::State::lists "{self._folder}/lists";\n'
            f'Dir::Cache "{self._folder}/cache";\n'
            'APT::Sandbox::User "root";\n'  # the folder is this user's alone
            'Acquire::Retries "3";\nAcquire::http::Timeout "60";\n'
        )
        self._run("update", "--quiet", "--error-on=any")

    def versions(self, source: str) -> list[str]:
        """The versions of a source package that are there now."""
        listing = self._folder / "versions.txt"
        listing.unlink(missing_ok=True)
        run(
            ["apt-cache", "showsrc", "--only-source", source],
            log=listing,
            seconds=_FETCH_SECONDS,
            env=self._environment,
        )
        found = re.findall(r"^Version: (\S+)$", listing.read_text(), re.MULTILINE)
        return list(dict.fromkeys(found))

    def fetch(self, source: str, version: str | None, into: Path) -> None:
        """Downloads the files of one version; None: of the newest."""
        into.mkdir(parents=True, exist_ok=True)
        wanted = f"{source}={version}" if version else source
        self._run("source", "--download-only", "--only-source", wanted, cwd=into)

    def _run(self, *arguments: str, cwd: Path | None = None) -> None:
        run(
            ["apt-get", *arguments],
            log=self._log,
            seconds=_FETCH_SECONDS,
            cwd=cwd,
            env=self._environment,
        )


def fetch(pin: Pin, folder: Path) -> Path:
    """Fetches, checks and unpacks the pinned source with Debian's patches applied.

    Returns:
        The folder with the source.

    Raises:
        BuildError: the version is gone from the archive, or a file is not the pinned one.
    """
    archive = Archive(folder / "apt", pin.suite)
    say(f"source: {pin.source} {pin.version} of Debian {pin.suite}, through apt")
    (folder / "apt").mkdir(parents=True, exist_ok=True)
    archive.update()
    there = archive.versions(pin.source)
    if pin.version not in there:
        raise BuildError(
            f"found {pin.source} {', '.join(there) or 'in no version'} in Debian {pin.suite}, expected "
            f"{pin.version}, which {PIN_FILE.name} pins: the archive has moved on. Take its version over "
            f"with: {_REPIN}   (then build, test, and commit the pin)"
        )
    files = folder / "files"
    archive.fetch(pin.source, pin.version, files)
    check_files(pin, files)
    tree = folder / "source"
    description = next(name for name in pin.files if name.endswith(".dsc"))
    # Its signature is apt's business: the file is the one that the signed lists name, and pinned.
    run(
        ["dpkg-source", "--no-check", "--extract", files / description, tree],
        log=folder / "unpack.log",
        seconds=_UNPACK_SECONDS,
    )
    return tree


def check_files(pin: Pin, folder: Path) -> None:
    """Compares what was fetched with the pin.

    Raises:
        BuildError: a file is missing or another one.
    """
    for name, expected in pin.files.items():
        path = folder / name
        found = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no such file"
        if found != expected:
            raise BuildError(
                f"{name}: found sha256 {found}, expected {expected}; do not use it. If Debian has "
                f"replaced it for a good reason: {_REPIN}"
            )


def repin(folder: Path) -> Pin:
    """Pins the newest version in the archive, with the hashes of its files as they come."""
    old = read_pin()
    archive = Archive(folder / "apt", old.suite)
    (folder / "apt").mkdir(parents=True, exist_ok=True)
    archive.update()
    archive.fetch(old.source, None, folder / "files")
    description = next((folder / "files").glob("*.dsc")).read_text()
    found = re.search(r"^Version: (\S+)$", description, re.MULTILINE)
    if found is None:
        raise BuildError(f"found no version in the .dsc of {old.source}, expected one")
    hashes = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((folder / "files").iterdir())
        if path.suffix != ".asc"
    }
    pin = Pin(old.suite, old.source, found[1], hashes)
    PIN_FILE.write_text(json.dumps(vars(pin), indent=2) + "\n")
    say(f"pinned {pin.source} {pin.version} in {PIN_FILE}")
    return pin
