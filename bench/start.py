"""From exec to the handshake line and to the first answered Ping, and memory at rest."""

import os
import subprocess
import sys
import time

from ._context import COOKIE, Context, Subject
from ._figures import Bench, Beside, Figure, Findings
from ._load import Load, Scenario, play

ROUNDS = 5
RSS_RATIO = 1.3
_IDLE = Scenario(idle_seconds=0.5)
_LINE_SECONDS = 30.0


def measure(context: Context) -> Findings:
    subjects = [context.subject, *([context.twin] if context.twin else [])]
    lines: dict[str, list[float]] = {subject.name: [] for subject in subjects}
    loads: dict[str, list[Load]] = {subject.name: [] for subject in subjects}
    bare: list[float] = []
    for number in range(rounds := context.rounds(ROUNDS)):
        context.progress(f"start: round {number + 1} of {rounds}")
        bare.append(_interpreter_ms())
        for subject in subjects:
            lines[subject.name].append(_handshake_ms(subject))
            loads[subject.name].append(play(context, _IDLE, subject=subject))
    (our_lines, *other_lines), (ours, *others) = lines.values(), loads.values()
    interpreter = Beside("bare interpreter", bare)
    return Findings(
        [
            Figure(
                "exec to handshake line",
                "ms",
                our_lines,
                [*(Beside("Go twin", other) for other in other_lines), interpreter],
            ),
            Figure(
                "exec to first answered Ping",
                "ms",
                [load.first_ping for load in ours],
                [*(Beside("Go twin", [one.first_ping for one in other]) for other in others)],
            ),
            Figure(
                "RSS idle",
                "MB",
                [load.rss_idle / 1024 for load in ours],
                [*(Beside("Go twin", [one.rss_idle / 1024 for one in other]) for other in others)],
                at_most_ratio=RSS_RATIO,
            ),
        ],
        [
            "idle: half a second after InitPlugin; `ping` tells the memory under load",
            f"bare interpreter: {sys.executable} -IS -c pass, from exec to its end",
        ],
    )


def _handshake_ms(subject: Subject) -> float:
    """Milliseconds from exec to the whole handshake line."""
    began = time.perf_counter()
    with subprocess.Popen(
        subject.argv,
        env={**os.environ, **COOKIE},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            took = (time.perf_counter() - began) * 1000
        finally:
            process.terminate()
            try:
                process.wait(_LINE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
    if line.count(b"|") < 4:
        raise RuntimeError(
            f"found {line!r} as the first line of {subject.name}, expected a handshake"
        )
    return took


def _interpreter_ms() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-IS", "-c", "pass"], check=True, timeout=_LINE_SECONDS)
    return (time.perf_counter() - began) * 1000


BENCH = Bench("start", "from exec to the handshake line and the first Ping; memory idle", measure)
