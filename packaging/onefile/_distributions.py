"""The Python distributions that were laid into one folder for packing."""

import hashlib
import json
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

_LICENSE_FOLDER = "licenses"


@dataclass(frozen=True)
class Distribution:
    """One distribution.

    Attributes:
        name: as on PyPI.
        version: its version.
        license: SPDX expression where its metadata has one, else its own words.
        sha256: of the wheel that pip installed; for the project's own ones, of their files.
        ours: whether it is one of the project's own.
        notices: its license files.
    """

    name: str
    version: str
    license: str
    sha256: str
    ours: bool
    notices: tuple[str, ...]


def distributions(packages: Path, report: Path) -> list[Distribution]:
    """All distributions in a folder, by name.

    Args:
        packages: the folder, with a `.dist-info` for each.
        report: what `pip install --report` wrote for those from the lock.
    """
    wheels = _wheel_hashes(report)
    found = [_read(info, wheels) for info in packages.glob("*.dist-info")]
    return sorted(found, key=lambda one: (not one.ours, one.name))


def _read(info: Path, wheels: dict[str, str]) -> Distribution:
    metadata = HeaderParser().parsestr((info / "METADATA").read_text())
    name, version = metadata["Name"], metadata["Version"]
    folder = info / _LICENSE_FOLDER
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return Distribution(
        name,
        version,
        metadata["License-Expression"] or metadata["License"] or "NOASSERTION",
        wheels.get(name) or hashlib.sha256((info / "RECORD").read_bytes()).hexdigest(),
        name not in wheels,
        tuple(path.read_text(errors="replace") for path in files),
    )


def _wheel_hashes(report: Path) -> dict[str, str]:
    installed = json.loads(report.read_text())["install"]
    return {
        one["metadata"]["name"]: one["download_info"]["archive_info"]["hashes"]["sha256"]
        for one in installed
    }
