"""Judges a set of cases with the agent's own engine: a child process a case, as many at a time as cores.

A child is given the case's folder and a request that is the same for all cases; it reads logs, pods and
events as the agent does from a folder, and never case.json.
"""

import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.context import ForkServerContext
from pathlib import Path

from canary_agent.folder import MODULES, folder_analyser
from canary_agent.process import (
    AnalysisCrashedError,
    AnalysisFailedError,
    AnalysisProcess,
    AnalysisStoppedError,
    ChildTask,
    forking_context,
)
from canary_verdict import CanaryRequest, Run, Selection

from ._cases import CaseError, check_form

CASE_SECONDS = 300.0
"""What one case may take; beyond that it is an error."""

_REQUEST = CanaryRequest(
    run=Run("00000000-0000-4000-8000-000000000000", "bench", "bench", "verdict"),
    rollout="",
    stable=Selection("role=stable"),
    canary=Selection("role=canary"),
    window=600.0,
    deadline=datetime(2100, 1, 1, tzinfo=UTC),
    lease_seconds=180,
)


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one case; `verdict` is promote, rollback, inconclusive or error.

    Attributes:
        confidence: 0 to 100.
        seconds: from the start of the case's process to its end.
        error: why there is no verdict.
    """

    name: str
    verdict: str
    confidence: float = 0.0
    root_cause: str = ""
    seconds: float = 0.0
    error: str = ""

    def to_json(self) -> dict[str, object]:
        """The case's entry in the file of verdicts."""
        document: dict[str, object] = {
            "name": self.name,
            "verdict": self.verdict,
            "confidence": self.confidence,
            "rootCause": self.root_cause,
            "seconds": round(self.seconds, 3),
        }
        if self.error:
            document["error"] = self.error
        return document


def judge_cases(
    folders: Sequence[Path],
    processes: int,
    progress: Callable[[int, int], None],
    case_seconds: float = CASE_SECONDS,
) -> list[Judged]:
    """Judges all cases; returns what became of each in their order, and never raises for a bad one.

    Args:
        folders: one a case.
        processes: how many are judged at a time.
        progress: called with the number of cases done and of all, from this thread.
        case_seconds: what one case may take.
    """
    context = forking_context(MODULES)
    with ThreadPoolExecutor(processes, thread_name_prefix="judge") as pool:
        futures = {pool.submit(_judge, context, one, case_seconds): one for one in folders}
        for done, _ in enumerate(as_completed(futures), 1):
            progress(done, len(folders))
        return [future.result() for future in futures]


def _judge(context: ForkServerContext, folder: Path, seconds: float) -> Judged:
    began = time.monotonic()

    def failed(text: str) -> Judged:
        return Judged(folder.name, "error", seconds=time.monotonic() - began, error=text)

    try:
        check_form(folder)
        verdict = json.loads(_analyse(context, folder, seconds))
    except AnalysisStoppedError:
        return failed(f"no verdict within {seconds:g} s")
    except (CaseError, AnalysisFailedError, AnalysisCrashedError, OSError) as error:
        return failed(str(error))
    return Judged(
        folder.name,
        verdict["verdict"],
        verdict["confidence"],
        verdict["rootCause"],
        time.monotonic() - began,
    )


def _analyse(context: ForkServerContext, folder: Path, seconds: float) -> str:
    request = json.dumps(_REQUEST.to_json())
    process = AnalysisProcess(context, ChildTask(folder.name, request, folder_analyser(folder)))
    timer = threading.Timer(seconds, process.stop)
    timer.start()
    try:
        return process.run()
    finally:
        timer.cancel()
