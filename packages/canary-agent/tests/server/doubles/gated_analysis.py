"""The analysis of the tests: does what the request's extraPrompt says, word by word.

Child processes load it by its name, so it is a module and no fixture.
"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from canary_agent import figures
from canary_verdict import CanaryRequest, CanaryVerdict, Verdict

PATIENCE = 60.0
"""Seconds after which a forgotten gate lets go, so that no test leaves a process behind."""


def analyse(gates: Path, request: CanaryRequest, cancelled: Callable[[], bool]) -> CanaryVerdict:
    """Notes in `<gates>/<run uid>.starts` that it runs, then follows the words."""
    uid = request.run.uid
    with (gates / f"{uid}.starts").open("a") as starts:
        starts.write(f"{os.getpid()}\n")
    gate = gates / f"{uid}.open"
    for word in request.extra_prompt.split():
        _do(word, gate, cancelled)
    doubtful = "inconclusive" in request.extra_prompt
    verdict = Verdict.INCONCLUSIVE if doubtful else Verdict.PROMOTE
    return CanaryVerdict(run_uid=uid, verdict=verdict, confidence=90.0, analysis="fine")


def _do(word: str, gate: Path, cancelled: Callable[[], bool]) -> None:
    match word:
        case "wait":  # until the gate opens, as a good analysis does
            _pass_time(lambda: gate.exists() or _told_to_stop(cancelled))
        case "deaf":  # until the gate opens, whatever anybody says
            _pass_time(gate.exists)
        case "tell":
            _tell()
        case "late":  # until it is cancelled, and answers all the same
            _pass_time(cancelled)
        case "raise":
            raise ValueError("no such log\x1b[31m " + "x" * 5000)
        case "exit":
            os._exit(3)
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "die-once":
            if not gate.exists():
                gate.touch()
                os.kill(os.getpid(), signal.SIGKILL)


def _tell() -> None:
    """What the work cost."""
    with figures.step("collect"):
        figures.count("collectedBytes", 7)


def _told_to_stop(cancelled: Callable[[], bool]) -> bool:
    if cancelled():
        raise RuntimeError("cancelled")
    return False


def _pass_time(until: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not until() and time.monotonic() < give_up:
        time.sleep(0.01)
