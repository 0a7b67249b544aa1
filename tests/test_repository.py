"""What holds for the repository as a whole, whoever adds to it."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
ADDRESS = re.compile(
    r"https?://[^\s\"']*(pypi|pythonhosted|registry\.npmjs|proxy\.golang|crates\.io|deb\.debian)"
    r"|--(extra-)?index-url|--find-links",
    re.IGNORECASE,
)
# The home of the official controller image is no machine of ours.
HOME = re.compile(r"(?<![\w.])(/(root|home|Users)/(?!argo-rollouts)[a-z]|/work/[a-z])")


def tracked() -> list[Path]:
    """The files that git tracks and that are still there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return ""


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_an_exact_version_and_hashes(lock: Path) -> None:
    entries = re.split(r"\n(?=\S)", lock.read_text().strip())
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9.-]+(\[[a-z,-]+\])?==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_the_build_backend_is_locked_where_packages_are_built(lock: Path) -> None:
    if lock.name in {"demo.txt", "test.txt"}:
        assert "flit-core==" in lock.read_text()


def test_the_demo_runs_the_very_versions_that_the_plugin_ships() -> None:
    pins = [
        set(
            re.findall(
                r"^([a-z0-9-]+==\S+)", (ROOT / "requirements" / name).read_text(), re.MULTILINE
            )
        )
        for name in ("plugin.txt", "demo.txt", "test.txt")
    ]
    assert pins[0] <= pins[1] <= pins[2]


def test_nothing_names_a_package_registry() -> None:
    here = Path(__file__)
    assert [p.name for p in tracked() if p != here and ADDRESS.search(text_of(p))] == []


def test_nothing_names_a_folder_of_one_machine() -> None:
    here = Path(__file__)
    assert [p.name for p in tracked() if p != here and HOME.search(text_of(p))] == []


def test_no_file_is_larger_than_a_megabyte() -> None:
    assert [path.name for path in tracked() if path.stat().st_size > 1_000_000] == []


def test_all_distributions_have_one_version() -> None:
    versions = {
        re.findall(r'^version = "(.*)"$', path.read_text(), re.MULTILINE)[0]
        for path in ROOT.glob("packages/*/pyproject.toml")
    }
    assert len(versions) == 1
