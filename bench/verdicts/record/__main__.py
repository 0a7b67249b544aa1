"""`python -m bench.verdicts.record [PROGRAM...]`: runs programs, breaks them, and keeps what they write.

Made once by hand, never by a test: it installs packages, takes minutes a program and wants root (a small
tmpfs as the full disk, other users for permissions). See README.md beside this file.
"""

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ._archive import pack
from ._certificates import write_certificates
from ._model import LEVELS, STABLE, Level, Program, Scenario
from ._round import Planned, Surroundings, UnhealthyError, record_round
from ._traffic import listens
from .programs import PROGRAMS

RECORDINGS = Path(__file__).resolve().parents[1] / "recordings"
_CANARIES_A_ROUND = 8
_TRIES = 4
_ROOT = Path(__file__).resolve().parents[3]


def main() -> int:
    """Records the programs named, or all."""
    options = _parse()
    os.nice(10)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is ended
    tools = options.tools
    tools.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="verdicts-") as text:
        work = Path(text)
        work.chmod(0o755)
        certificates = write_certificates(work)
        full_disk = _full_disk(work / "full")
        port, tls_port = 20080 + os.getpid() % 5000, 26080 + os.getpid() % 5000
        command = [sys.executable, "-m", "bench.verdicts.record._backend", str(port), str(tls_port)]
        with subprocess.Popen(
            [*command, *map(str, certificates[1:])], stdin=subprocess.PIPE, cwd=_ROOT
        ) as backend:
            try:
                _wait_for(port)
                around = Surroundings(
                    work / "pods",
                    tools,
                    f"http://127.0.0.1:{port}",
                    f"https://localhost:{tls_port}",
                    certificates[0],
                    full_disk,
                    options.seconds,
                )
                for name in options.programs or PROGRAMS:
                    _record(PROGRAMS[name], around, options)
            finally:
                if backend.stdin:
                    backend.stdin.close()
                backend.wait(10)
                subprocess.run(["umount", str(full_disk)], check=True, timeout=20)
    return 0


def _record(program: Program, around: Surroundings, options: argparse.Namespace) -> None:
    program.prepare(around.tools)
    stable, rounds = plan(program, options.only)
    folder: Path = options.out / program.name
    first = (
        1 + max((int(path.name[6:8]) for path in folder.glob("round-*")), default=0)
        if options.only
        else 1
    )
    for number, canaries in enumerate(rounds, first):
        began = time.monotonic()
        seed = f"{options.seed}:{program.name}:{number}"
        facts, logs = _round(program, stable, canaries, around, seed)
        size = pack(folder / f"round-{number:02}.tar.xz", facts, logs, around.work, around.tools)
        shutil.rmtree(around.work, ignore_errors=True)
        print(f"{program.name} round {number}: {size // 1000} kB, {time.monotonic() - began:.0f} s")
        for pod in facts["pods"]:
            ends = " ".join(f"{end['reason']}({end['exitCode']})" for end in pod["ends"])
            print(
                f"  {pod['name']:34} {pod['requests']:5} requests {pod['failed']:5} failed"
                f" {pod['lines']:6} lines {pod['signs']!s:>5} signs ready={pod['ready']} {ends}"
            )
        sys.stdout.flush()


def _round(
    program: Program, stable: Scenario, canaries: Sequence[Planned], around: Surroundings, seed: str
) -> tuple[dict[str, Any], dict[str, bytes]]:
    for left in reversed(range(_TRIES)):
        try:
            return record_round(program, stable, canaries, around, seed)
        except UnhealthyError as error:
            if not left:
                raise
            print(f"once more: {error}", file=sys.stderr)
    raise AssertionError("the last try returns or raises")


def plan(program: Program, only: Sequence[str]) -> tuple[Scenario, Iterator[Sequence[Planned]]]:
    """Stable's scenario, and the canaries of each round: healthy ones and faulty ones mixed."""
    (stable,) = (one for one in program.scenarios if one.name == STABLE)
    others = [one for one in program.scenarios if one.name != STABLE]
    canaries = [
        Planned(scenario, level)
        for number, scenario in enumerate(others)
        if not only or scenario.name in only
        for level in (_levels_of_fault(number) if scenario.fault else LEVELS)
    ]
    random.Random(program.name).shuffle(canaries)
    return stable, _rounds(canaries)


def _levels_of_fault(number: int) -> Sequence[Level]:
    """Two of the four levels, in turn, so that a round of faults stays short."""
    full, twins, fifth, trickle = LEVELS
    return [(full, fifth), (twins, trickle), (full, trickle), (twins, fifth)][number % 4]


def _rounds(canaries: Sequence[Planned]) -> Iterator[Sequence[Planned]]:
    """Chunks in which no canary stands twice, since pods are named after them."""
    left = list(canaries)
    while left:
        chosen: dict[Planned, None] = {}
        for one in left:
            if len(chosen) < _CANARIES_A_ROUND:
                chosen.setdefault(one)
        for one in chosen:
            left.remove(one)
        yield list(chosen)


def _full_disk(folder: Path) -> Path:
    folder.mkdir()
    options = ["-o", "size=64k,mode=1777"]
    subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", str(folder)], check=True, timeout=20)
    with contextlib.suppress(OSError), (folder / "filler").open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    return folder


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while not listens(port):
        if time.monotonic() > deadline:
            raise TimeoutError(f"the stand-in for dependencies does not listen on port {port}")
        time.sleep(0.1)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.verdicts.record", description=__doc__)
    parser.add_argument("programs", nargs="*", metavar="PROGRAM", help=", ".join(PROGRAMS))
    parser.add_argument("--out", type=Path, default=RECORDINGS, help="default: recordings/")
    parser.add_argument(
        "--only", action="append", default=[], metavar="SCENARIO", help="adds rounds of these"
    )
    parser.add_argument(
        "--seconds", type=float, default=20.0, help="of traffic a round (default: 20)"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--tools",
        type=Path,
        default=Path(tempfile.gettempdir()) / "verdicts-tools",
        help="build folder",
    )
    options = parser.parse_args()
    unknown = set(options.programs) - set(PROGRAMS)
    if unknown:
        parser.error(
            f"found {', '.join(sorted(unknown))}, expected names among {', '.join(PROGRAMS)}"
        )
    return options


if __name__ == "__main__":
    sys.exit(main())
