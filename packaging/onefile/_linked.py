"""The system's libraries that are linked into the executable."""

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ._packages import installed, owner
from ._steps import BuildError
from ._sysroot import Sysroot
from ._target import Target

_SECONDS = 30.0


@dataclass(frozen=True)
class Library:
    """One library.

    Attributes:
        name: upstream's, as people know it.
        package: the Debian package that its archives come from.
        version: that package's.
        license: SPDX expression.
        hashes: the sha256 of each archive, by file name.
        notice: its copyright file.
    """

    name: str
    package: str
    version: str
    license: str
    hashes: dict[str, str]
    notice: str

    @property
    def upstream(self) -> str:
        """Upstream's version: Debian's without epoch, revision and repacking."""
        text = self.version.partition(":")[2] or self.version
        return text.partition("-")[0].partition(".dfsg")[0].partition("+")[0]


_PLAIN = (
    ("OpenSSL", "libssl-dev", "Apache-2.0", ("libssl.a", "libcrypto.a")),
    ("zlib", "zlib1g-dev", "Zlib", ("libz.a",)),
)
_GLIBC = ("libc.a", "libm.a")
_GLIBC_LICENSE = "LGPL-2.1-or-later"
_LIBGCC_LICENSE = "GPL-3.0-or-later WITH GCC-exception-3.1"


def libraries(target: Target, sysroot: Sysroot) -> list[Library]:
    """All that is linked in besides CPython.

    Raises:
        BuildError: an archive or its copyright file is not there.
    """
    glibc = "libc6-dev" if target.native else f"libc6-dev-{target.arch}-cross"
    gcc = target.tool("gcc")
    libgcc = Path(_answer(gcc, "-print-libgcc-file-name"))
    compiler = owner(libgcc)
    return [
        *(_library(sysroot, *row) for row in _PLAIN),
        _library(sysroot, "glibc", glibc, _GLIBC_LICENSE, _GLIBC),
        Library(
            "libgcc",
            compiler,
            installed([compiler]).get(compiler, _answer(gcc, "-dumpfullversion")),
            _LIBGCC_LICENSE,
            {libgcc.name: _sha256(libgcc)},
            _notice(Path("/"), compiler),
        ),
    ]


def _library(
    sysroot: Sysroot, name: str, package: str, license_: str, archives: tuple[str, ...]
) -> Library:
    version = sysroot.versions[package]
    hashes = {archive: _sha256(sysroot.archive(archive)) for archive in archives}
    root = sysroot.root if (sysroot.root / "usr/share/doc" / package).exists() else Path("/")
    return Library(name, package, version, license_, hashes, _notice(root, package))


def _answer(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=True)
    return done.stdout.strip()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _notice(root: Path, package: str) -> str:
    path = root / "usr/share/doc" / package / "copyright"
    if not path.is_file():
        raise BuildError(
            f"found no {path}, expected the notice of what is linked in: apt-get install --reinstall "
            f"{package}, with dpkg's path-exclude lifted for copyright files"
        )
    return path.read_text(errors="replace")
