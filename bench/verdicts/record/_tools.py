"""Installs, builds and configures what is recorded, through the package managers as they are configured.

Each thing that is built is made once, in a folder of its own, and kept until the folder is removed.
"""

import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

APPS = Path(__file__).resolve().parent / "apps"
_SECONDS = 1500


class MissingToolError(Exception):
    """A program that has to be installed first; the text says how."""


def debian(program: str, package: str, *, folders: Sequence[str] = ()) -> str:
    """The path of a program that a Debian package brings.

    Raises:
        MissingToolError: it is not installed.
    """
    places = ":".join((*folders, "/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/go/bin"))
    found = shutil.which(program, path=places) or shutil.which(program)
    if found is None:
        raise MissingToolError(f"found no {program}; install Debian's package {package} first")
    return found


def python_environment(tools: Path, name: str, packages: Sequence[str]) -> Path:
    """A virtual environment with `packages`; returns its folder."""
    folder = tools / name

    def build() -> None:
        _run([debian("python3", "python3-venv"), "-m", "venv", str(folder)])
        _run([str(folder / "bin/pip"), "install", "--quiet", *packages])

    return _once(folder, build)


def node_packages(tools: Path, name: str, packages: Sequence[str]) -> Path:
    """A folder with the application `name` of `apps` and the npm packages it needs."""
    folder = tools / name

    def build() -> None:
        shutil.copytree(APPS / name, folder, dirs_exist_ok=True)
        _run(["npm", "install", "--silent", "--no-audit", "--no-fund", *packages], folder)

    return _once(folder, build)


def built(tools: Path, name: str, *commands: Sequence[str]) -> Path:
    """A copy of the application `name` of `apps`, in which `commands` have been run."""
    folder = tools / name

    def build() -> None:
        shutil.copytree(APPS / name, folder, dirs_exist_ok=True)
        for command in commands:
            _run(command, folder)

    return _once(folder, build)


def filled(settings: Mapping[str, str], names: Mapping[str, object]) -> dict[str, str]:
    """Settings with each `{name}` replaced, in the order of the names; other braces stay as they are."""
    texts = dict(settings)
    for name, value in names.items():
        texts = {key: text.replace(f"{{{name}}}", str(value)) for key, text in texts.items()}
    return texts


def _once(folder: Path, build: Callable[[], None]) -> Path:
    mark = folder / ".made"
    if not mark.exists():
        folder.mkdir(parents=True, exist_ok=True)
        build()
        mark.touch()
    return folder


def _run(command: Sequence[str], folder: Path | None = None) -> None:
    subprocess.run(command, cwd=folder, check=True, timeout=_SECONDS, stdout=subprocess.DEVNULL)
