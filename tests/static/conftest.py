"""The static executable, the Go client that drives it, and certificates; skips where they are not built."""

import fcntl
import os
import platform
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from empty_root import Outcome, Run, run_in_empty_root

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "tests" / "conformance"
ARCH = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
EXECUTABLE = ROOT / "bin" / f"metric-ai-linux-{ARCH}"
CLIENT = ROOT / "build" / "conformance-static" / "argoclient"
BUILD_SECONDS = 1500

Enter = Callable[[Run], Outcome]


@pytest.fixture(scope="session")
def executable() -> Path:
    """The file that `make build` makes."""
    if not EXECUTABLE.is_file():
        pytest.skip(f"no static executable here: make build makes {EXECUTABLE.name}")
    return EXECUTABLE


@pytest.fixture(scope="session")
def argoclient() -> Path:
    """tests/conformance's argoclient, linked without shared libraries so that it runs in an empty root."""
    if shutil.which("go") is None:
        pytest.skip("Go is not installed: Argo's own client is left out")
    CLIENT.parent.mkdir(parents=True, exist_ok=True)
    with (CLIENT.parent / ".lock").open("w") as lock:  # test processes in parallel: one builds
        fcntl.flock(lock, fcntl.LOCK_EX)
        linking = ["-ldflags", "-linkmode external -extldflags -static"]
        built = subprocess.run(
            ["go", "build", *linking, "-o", CLIENT, "./cmd/argoclient"],
            cwd=MODULE,
            env={**os.environ, "CGO_ENABLED": "1"},
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
    if built.returncode:
        pytest.fail(f"argoclient does not build:\n{built.stderr[-4000:]}")
    return CLIENT


@pytest.fixture
def enter(tmp_path: Path) -> Enter:
    """Runs something in an empty root of its own; see `empty_root`."""

    def run(what: Run) -> Outcome:
        root = tmp_path / "root"
        root.mkdir()
        return run_in_empty_root(what, root)

    return run
