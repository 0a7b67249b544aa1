"""OpenSSL and zlib of another architecture, unpacked beside: they need not be installed to link with them."""

import os
from pathlib import Path

from ._cache import cached
from ._steps import run, say
from ._target import Target

PACKAGES = ("libssl-dev", "zlib1g-dev")
_SECONDS = 600.0


def unpacked(target: Target, versions: dict[str, str]) -> Path:
    """A folder with `usr/include` and `usr/lib` of the packages.

    Args:
        target: the architecture.
        versions: which version of each; this machine's, so that both builds have the same.
    """
    inputs = {"arch": target.arch, "versions": versions}

    def fetch(folder: Path) -> None:
        say(f"fetch {', '.join(PACKAGES)} for {target.arch}, through apt")
        log = folder / "log"
        environment = _apt(folder, target)
        run(["apt-get", "update", "--quiet"], log=log, seconds=_SECONDS, env=environment)
        names = [f"{name}:{target.arch}={version}" for name, version in versions.items()]
        run(["apt-get", "download", *names], log=log, seconds=_SECONDS, cwd=folder, env=environment)
        for package in folder.glob("*.deb"):
            run(["dpkg-deb", "--extract", package, folder / "root"], log=log, seconds=_SECONDS)

    return cached(f"libraries-{target.arch}", inputs, fetch) / "root"


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
