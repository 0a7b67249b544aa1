"""OpenSSL and zlib of another architecture, unpacked beside: they need not be installed to link with them."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from ._cache import cached
from ._steps import run, say
from ._target import Target

PACKAGES = ("libssl-dev", "zlib1g-dev")
_SECONDS = 600.0


def unpacked(target: Target, here: Mapping[str, str]) -> tuple[Path, dict[str, str]]:
    """A folder with `usr/include` and `usr/lib` of the newest packages in the archive, and their versions.

    Args:
        target: the architecture.
        here: this machine's versions: when they change, the archive is asked again.
    """

    def fetch(folder: Path) -> None:
        say(f"fetch {', '.join(PACKAGES)} for {target.arch}, through apt")
        log = folder / "log"
        environment = _apt(folder, target)
        names = [f"{name}:{target.arch}" for name in PACKAGES]
        for command in (["update", "--quiet"], ["download", *names]):
            run(["apt-get", *command], log=log, seconds=_SECONDS, cwd=folder, env=environment)
        for package in folder.glob("*.deb"):
            run(["dpkg-deb", "--extract", package, folder / "root"], log=log, seconds=_SECONDS)
        shutil.rmtree(folder / "apt")

    folder = cached(f"libraries-{target.arch}", {"arch": target.arch, "here": dict(here)}, fetch)
    return folder / "root", {name: _version(folder, name) for name in PACKAGES}


def _version(folder: Path, name: str) -> str:
    """From a file's name, such as `zlib1g-dev_1%3a1.2.13.dfsg-1_arm64.deb`."""
    (package,) = folder.glob(f"{name}_*.deb")
    return unquote(package.name.split("_")[1])


def _apt(folder: Path, target: Target) -> dict[str, str]:
    """The environment for an apt with the machine's own sources and lists for both architectures."""
    for part in ("lists/partial", "cache/archives/partial"):
        (folder / "apt" / part).mkdir(parents=True)
    configuration = folder / "apt" / "apt.conf"
    configuration.write_text(
        f'APT::Architectures {{ "{target.arch}"; }};\n'
        f'Dir::State::lists "{folder}/apt/lists";\n'
        f'Dir::Cache "{folder}/apt/cache";\n'
        'APT::Sandbox::User "root";\nAcquire::Retries "3";\n'
    )
    return {**os.environ, "LC_ALL": "C.UTF-8", "APT_CONFIG": str(configuration)}
