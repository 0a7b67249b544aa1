"""Where and on what the figures were made."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

from ._context import ROOT

_BUILD_SECONDS = 1500
_PROGRAMS = ("gobbench", "analysisload", "gotwin")


def go_programs(*, wanted: bool) -> Path | None:
    """Builds the Go programs that figures are compared with; None where there is no Go, or none is wanted.

    Raises:
        subprocess.CalledProcessError: they do not build.
    """
    if not wanted or shutil.which("go") is None:
        return None
    folder = ROOT / "build" / "conformance"
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["go", "build", "-o", f"{folder}/", *(f"./cmd/{name}" for name in _PROGRAMS)],
        cwd=ROOT / "tests" / "conformance",
        check=True,
        timeout=_BUILD_SECONDS,
    )
    return folder


def machine() -> dict[str, object]:
    """Processor, cores, versions, and how busy it all is."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "go": _go_version(),
        "system": f"{platform.system()} {platform.release()}",
        "loadAverage": list(os.getloadavg()),
    }


def describe(found: dict[str, object]) -> str:
    """One line on the machine."""
    return (
        f"{found['cores']} cores ({found['processor']}), {found['system']}, Python {found['python']}, "
        f"{found['go'] or 'no Go'}, {load_average()}"
    )


def load_average() -> str:
    """What waits for a processor, on average over 1, 5 and 15 minutes; on an idle machine near 0."""
    return "load average " + " ".join(f"{load:.1f}" for load in os.getloadavg())


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _go_version() -> str:
    if shutil.which("go") is None:
        return ""
    done = subprocess.run(
        ["go", "env", "GOVERSION"], capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout.strip().replace("go", "Go ", 1)
