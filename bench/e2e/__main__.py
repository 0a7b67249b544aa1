"""`python -m bench.e2e [NAME...]`: load on the real controller; a table on stdout, progress on stderr."""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from control_plane import (
    NotInTimeError,
    ProgramsMissingError,
    built_programs,
    running_control_plane,
)
from kube import KubeError
from processes import ChildError

from bench._context import ROOT
from bench._figures import show
from bench._machine import describe, go_programs, load_average, machine

from . import judge, load, many, scattered
from ._case import Case
from ._errors import BenchError
from ._stage import Stage, Subject, quiet_programs, say

CASES = {case.name: case for case in (load.CASE, *scattered.CASES, judge.CASE, many.CASE)}
Report = dict[str, dict[str, object]]
_IMAGES = {"chatter": {"entrypoint": ["{python}", "-m", "bench.e2e._chatter"], "folder": str(ROOT)}}
_OURS = ROOT / "bin" / "metric-ai"


def main() -> int:
    """Plays the cases; 1 where one of them did not go as it should."""
    arguments = _parse()
    if arguments.list:
        for case in CASES.values():
            print(f"{case.name:10} {case.summary}")
        return 0
    folder = Path(tempfile.mkdtemp(prefix="metric-ai-bench-"))
    try:
        cases = _run(folder, arguments)
    except (BenchError, ChildError, NotInTimeError, ProgramsMissingError) as error:
        print(f"{error}\nlogs: {folder}", file=sys.stderr)
        return 1
    if any("error" in case for case in cases.values()):
        print(f"logs: {folder}", file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    return 0


def _run(folder: Path, arguments: argparse.Namespace) -> Report:
    began = time.monotonic()
    subjects = _subjects(arguments)
    found = machine()
    print(describe(found), flush=True)
    programs = quiet_programs(built_programs(), folder / "programs")
    cases: Report = {}
    with running_control_plane(folder, programs, subjects[0].program, _IMAGES, say) as plane:
        stage = Stage(plane)
        for name in arguments.names or CASES:
            cases[name] = _play(CASES[name], stage, subjects)
    print(f"\ndone in {time.monotonic() - began:.0f} s, {load_average()}")
    document = {
        "machine": found,
        "plugins": {one.name: str(one.program) for one in subjects},
        "cases": cases,
    }
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(document, indent=2) + "\n")
    print(f"figures: {arguments.json}")
    return cases


def _play(case: Case, stage: Stage, subjects: Sequence[Subject]) -> dict[str, object]:
    say(f"{case.name}: {case.summary}")
    began, load_before = time.monotonic(), load_average()
    try:
        findings = case.measure(stage, subjects)
    except (BenchError, ChildError, KubeError, NotInTimeError) as error:
        print(f"\n{case.name}: {error}", flush=True)
        return {"error": str(error)}
    seconds = time.monotonic() - began
    loads = f"{load_before} before, {load_average().removeprefix('load average ')} after"
    print(f"\n{case.name}: {case.summary} ({seconds:.0f} s, {loads})")
    show(findings)
    return {
        "seconds": seconds,
        "load": loads,
        "figures": [one.to_json() for one in findings.figures],
        "notes": list(findings.notes),
    }


def _subjects(arguments: argparse.Namespace) -> list[Subject]:
    if not _OURS.is_file():
        raise BenchError(f"found no {_OURS}, expected the plugin: run make plugin")
    ours = Subject("metric-ai", _OURS)
    if arguments.plugin is not None:
        other = arguments.plugin.resolve()
        older = arguments.protocol == "rest"
        return [ours, Subject(f"{other.parent.name}/{other.name}", other, older)]
    say("building the Go twin (minutes the first time)")
    go = go_programs(wanted=True)
    return [ours, *([Subject("Go twin", go / "gotwin")] if go else [])]


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.e2e", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="cases to play (default: all)")
    parser.add_argument("--list", action="store_true", help="list the cases and end")
    parser.add_argument(
        "--plugin",
        type=Path,
        metavar="FILE",
        help="measure this one beside ours (default: the Go twin)",
    )
    parser.add_argument(
        "--protocol",
        choices=("auto", "rest"),
        default="auto",
        help="rest where FILE speaks the older dialect only",
    )
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        default=ROOT / "build" / "bench-e2e.json",
        help="where all figures are written (default: build/bench-e2e.json)",
    )
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in CASES]
    if unknown:
        parser.error(f"found {', '.join(unknown)}, expected names among {', '.join(CASES)}")
    if arguments.plugin is not None and not arguments.plugin.is_file():
        parser.error(f"found no file {arguments.plugin}")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
