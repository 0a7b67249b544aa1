"""What dpkg knows of this machine."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

_SECONDS = 30.0


def installed(names: Iterable[str]) -> dict[str, str]:
    """The versions of those Debian packages that are installed, by the name asked for."""
    versions = {}
    for name in names:
        text = _query(["dpkg-query", "--show", "--showformat=${db:Status-Status} ${Version}", name])
        status, _, version = text.partition(" ")
        if status == "installed":
            versions[name] = version.strip()
    return versions


def owner(path: Path) -> str:
    """The name of the installed package that a file comes from; empty where none is known."""
    listed = _query(["dpkg-query", "--search", str(path.resolve())])
    return listed.partition(":")[0].strip()


def release() -> dict[str, str]:
    """The fields of /etc/os-release; empty where there is none."""
    file = Path("/etc/os-release")
    if not file.is_file():
        return {}
    pairs = (line.partition("=") for line in file.read_text().splitlines() if "=" in line)
    return {key.strip(): value.strip().strip('"') for key, _, value in pairs}


def _query(command: list[str]) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except OSError:
        return ""
    return done.stdout
