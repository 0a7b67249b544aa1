"""The oracle programs of tests/conformance, built once a session from pinned Go modules."""

import fcntl
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "tests" / "conformance"
BINARIES = ROOT / "build" / "conformance"
BUILD_SECONDS = 1500


def go_program(name: str) -> Path:
    """The executable of `tests/conformance/cmd/<name>`.

    Skips the calling test where Go is not installed; a program that does not build fails it.
    """
    _build()
    return BINARIES / name


@cache
def _build() -> None:
    if shutil.which("go") is None:
        pytest.skip("Go is not installed: its oracles are left out")
    BINARIES.mkdir(parents=True, exist_ok=True)
    # Test processes in parallel: one builds, the others wait for it.
    with (BINARIES / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        built = subprocess.run(
            ["go", "build", "-o", f"{BINARIES}/", "./cmd/..."],
            cwd=MODULE,
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
    if built.returncode:
        pytest.fail(f"tests/conformance does not build:\n{built.stderr[-4000:]}")
