"""From exec to the handshake line and to the first answered Ping, and memory."""

import os
import subprocess
import sys
import time

from ._context import Context, Subject
from ._figures import Bench, Beside, Figure, Findings
from ._load import Load, Scenario, check, play, running_agent

ROUNDS = 7
OPEN = 200
_LINE_SECONDS = 30.0


def measure(context: Context) -> Findings:
    theirs = context.go_plugin
    ours_line: list[float] = []
    theirs_line: list[float] = []
    bare: list[float] = []
    ours: list[Load] = []
    idle_theirs: list[Load] = []
    idle = Scenario(idle_seconds=1.0)
    for number in range(rounds := context.rounds(ROUNDS)):
        context.progress(f"start: round {number + 1} of {rounds}")
        ours_line.append(_handshake_ms(context.subject))
        bare.append(_interpreter_ms())
        ours.append(play(context, idle))
        if theirs is not None:
            theirs_line.append(_handshake_ms(theirs))
            idle_theirs.append(play(context, idle, subject=theirs))
    loaded = _with_open_analyses(context)
    interpreter = Beside("bare interpreter", bare)

    def beside(values: list[float]) -> list[Beside]:
        return [Beside("Go plugin", values)] if values else []

    go_memory = [load.rss_idle / 1024 for load in idle_theirs]
    return Findings(
        [
            Figure("exec to handshake line", "ms", ours_line, [*beside(theirs_line), interpreter]),
            Figure(
                "exec to first answered Ping",
                "ms",
                [load.first_ping for load in ours],
                [*beside([load.first_ping for load in idle_theirs]), interpreter],
            ),
            Figure("RSS idle", "MB", [load.rss_idle / 1024 for load in ours], beside(go_memory)),
            Figure(
                f"RSS, most with {OPEN} analyses open",
                "MB",
                [load.rss_open / 1024 for load in loaded],
            ),
        ],
        [
            "idle: a second after InitPlugin; the Go plugin is the example that go-plugin serves, which has no analyses",
            f"bare interpreter: {sys.executable} -IS -c pass, from exec to its end",
        ],
    )


def _with_open_analyses(context: Context) -> list[Load]:
    loads = []
    scenario = Scenario(analyses=[3600.0] * OPEN, resume=True, open_seconds=4.0)
    for number in range(rounds := context.rounds(2)):
        context.progress(f"start: {OPEN} analyses open, round {number + 1} of {rounds}")
        with running_agent() as agent:
            loads.append(play(context, scenario, agent.url))
        check(loads[-1], "Running")
    return loads


def _handshake_ms(subject: Subject) -> float:
    """Milliseconds from exec to the whole handshake line."""
    key, value = subject.cookie
    began = time.perf_counter()
    with subprocess.Popen(
        subject.argv,
        env={**os.environ, key: value},
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


BENCH = Bench("start", "from exec to the handshake line and the first Ping; memory", measure)
