"""What the build machine must have, and how it gets there: `make build-deps`."""

import os
import shutil
import subprocess

from ._packages import installed, release
from ._steps import BuildError, say
from ._target import Target

_TOOLS = ("gcc", "make", "dpkg-dev", "xz-utils")
_LIBRARIES = ("libc6-dev", "libssl-dev", "zlib1g-dev")
_SECONDS = 900.0
_CONTAINER = (
    'docker run --rm -v "$PWD":/src -w /src debian:trixie sh -c '
    "'apt-get update && apt-get install -y make python3-venv && make build-deps && make build'"
)


def needed(target: Target) -> tuple[str, ...]:
    """The Debian packages that a build for `target` needs installed."""
    if target.native:
        return (*_TOOLS, *_LIBRARIES)
    cross = (f"gcc-{target.triplet}", f"libc6-dev-{target.arch}-cross")
    return (*_TOOLS, *_LIBRARIES, *cross)


def require(target: Target) -> dict[str, str]:
    """The versions of what is needed, and of the compiler itself.

    Raises:
        BuildError: something is missing; the text names it.
    """
    names = needed(target)
    versions = installed(names)
    missing = [name for name in names if name not in versions]
    if missing:
        raise BuildError(f"missing for this build: {', '.join(missing)}; {_advice()}")
    compiler = subprocess.run(
        [target.tool("gcc"), "-dumpfullversion"],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    return {**versions, "compiler": compiler.stdout.strip()}


def install(target: Target) -> None:
    """Installs by apt what is missing.

    Raises:
        BuildError: this is no Debian or Ubuntu, the user may not install, or apt fails.
    """
    names = needed(target)
    missing = [name for name in names if name not in installed(names)]
    if not missing:
        say(f"build-deps: all there: {', '.join(names)}")
        return
    if shutil.which("apt-get") is None:
        raise BuildError(f"missing for this build: {', '.join(missing)}; {_advice()}")
    say(f"build-deps: apt-get install {' '.join(missing)}")
    prefix = [] if os.geteuid() == 0 else ["sudo"]
    if prefix and shutil.which("sudo") is None:
        raise BuildError(
            f"not root, and no sudo here; as root: apt-get install {' '.join(missing)}"
        )
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install_them = ["install", "--yes", "--no-install-recommends", *missing]
    for arguments in (["update", "--quiet"], install_them):
        command = [*prefix, "apt-get", *arguments]
        if subprocess.run(command, env=environment, timeout=_SECONDS, check=False).returncode:
            raise BuildError(f"failed: {' '.join(command)}; its output above says why")


def _advice() -> str:
    if {release().get("ID", ""), *release().get("ID_LIKE", "").split()} & {"debian", "ubuntu"}:
        return "make build-deps installs it by apt"
    return f"this is neither Debian nor Ubuntu; build in a container:\n  {_CONTAINER}"
