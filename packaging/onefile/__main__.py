"""Command line: `python -m onefile build | deps | pin`; the Makefile calls it."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from ._build import build
from ._deps import install
from ._source import repin
from ._steps import BuildError
from ._target import target_named


def main() -> int:
    """Exit codes: 0 done, 1 it could not be done (explained on stderr), 2 usage."""
    parser = argparse.ArgumentParser(prog="onefile", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    building = commands.add_parser("build", help="write the executable")
    building.add_argument("--packages", type=Path, required=True, help="what collect-plugin made")
    building.add_argument("--output", type=Path, required=True, help="folder for the executable")
    installing = commands.add_parser("deps", help="install by apt what a build needs")
    for one in (building, installing):
        one.add_argument("--arch", help="amd64 or arm64; default: this machine's")
    commands.add_parser("pin", help="pin the newest source of CPython in the archive")
    given = parser.parse_args()
    try:
        if given.command == "build":
            build(target_named(given.arch), given.packages, given.output)
        elif given.command == "deps":
            install(target_named(given.arch))
        else:
            _pin()
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _pin() -> None:
    folder = Path(tempfile.mkdtemp(prefix="metric-ai-pin-"))
    try:
        repin(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
