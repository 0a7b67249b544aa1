"""The Debian libraries that are linked in: this machine's own, or another architecture's unpacked beside."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ._foreign import PACKAGES, unpacked
from ._target import Target


@dataclass(frozen=True)
class Sysroot:
    """Where headers and archives of OpenSSL, zlib and glibc lie.

    Attributes:
        versions: Debian versions of the libraries and of the compiler, by package.
        root: the folder above `usr`.
        library_folders: where `libssl.a`, `libz.a` and `libc.a` are looked for.
        compile_flags: for the C compiler.
        link_flags: for the linker.
    """

    versions: Mapping[str, str]
    root: Path
    library_folders: tuple[Path, ...]
    compile_flags: str = ""
    link_flags: str = ""

    def archive(self, name: str) -> Path:
        """The file of a static library, such as `libssl.a`."""
        for folder in self.library_folders:
            if (folder / name).is_file():
                return folder / name
        raise FileNotFoundError(f"no {name} in {', '.join(map(str, self.library_folders))}")


def sysroot(target: Target, versions: Mapping[str, str]) -> Sysroot:
    """The libraries for `target`.

    Args:
        target: what is built for.
        versions: of what the build needs, as `_deps.require` gives them.
    """
    if target.native:
        return Sysroot(versions, Path("/"), (Path("/usr/lib", target.triplet),))
    root, foreign = unpacked(target, {name: versions[name] for name in PACKAGES})
    include, library = root / "usr/include", root / "usr/lib" / target.triplet
    return Sysroot(
        {**versions, **foreign},
        root,
        (library, Path("/usr", target.triplet, "lib")),
        f"-I{include} -I{include / target.triplet}",
        f"-L{library}",
    )
