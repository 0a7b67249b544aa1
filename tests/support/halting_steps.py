"""The steps at which `halting_agent` halts; child processes load this by its name, so it is a module.

In the order of an analysis: `read` (the question is read, not yet kept), `kept` (not yet in the
queue), `queued` (not yet answered for), `collect`, `evidence`, `judge`, `judged` (the verdict has not
left the analysis' process), `concluding` (it is not yet in the task), and `asked` (GetTask).
"""

import functools
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from canary_agent import analysis, evidence, folder, judge
from canary_agent.collect import AttachedSource
from canary_agent.process import Analyser, Cancelled
from canary_agent.store import AnalysisEngine
from canary_agent.store.work import Work
from canary_verdict import CanaryRequest, CanaryVerdict

P = ParamSpec("P")
T = TypeVar("T")
PATIENCE = 60.0
"""Seconds after which a halt ends by itself, so that no test leaves a process behind."""


def install(halts: Path) -> None:
    """Has the agent of this process halt as `halts` says."""
    runs: dict[str, tuple[str, str]] = {}
    halt = functools.partial(_halt, halts)

    def submit(engine: AnalysisEngine, new: Any) -> Any:
        words = json.loads(new.request).get("extraPrompt", "")
        halt(new.run_uid, words, "read")
        record = real_submit(engine, new)
        runs[record.id] = new.run_uid, words
        halt(new.run_uid, words, "queued")
        return record

    def enqueue(engine: AnalysisEngine, task_id: str) -> None:
        record = engine.tasks.get(task_id)
        assert record is not None
        halt(record.run_uid, json.loads(record.request).get("extraPrompt", ""), "kept")
        real_enqueue(engine, task_id)

    def conclude(work: Work, task_id: str, outcome: str) -> str:
        halt(*runs.get(task_id, ("", "")), "concluding")
        return real_conclude(work, task_id, outcome)

    def get(engine: AnalysisEngine, task_id: str) -> Any:
        halt(*runs.get(task_id, ("", "")), "asked")
        return real_get(engine, task_id)

    real_submit, real_get = AnalysisEngine.submit, AnalysisEngine.get
    real_enqueue, real_conclude = AnalysisEngine._enqueue, Work.conclude
    _replace(AnalysisEngine, submit=submit, get=get, _enqueue=enqueue)
    _replace(Work, conclude=conclude)
    real_analyser = folder.folder_analyser

    def halting_analyser(*where: Any, **options: Any) -> Analyser:
        return functools.partial(analyse, halts, real_analyser(*where, **options))

    _replace(folder, folder_analyser=halting_analyser)


def analyse(
    halts: Path, analyser: Analyser, request: CanaryRequest, cancelled: Cancelled
) -> CanaryVerdict:
    """The agent's own analysis, in a child process."""

    def before(step: str, function: Callable[P, T]) -> Callable[P, T]:
        def halting(*args: P.args, **kwargs: P.kwargs) -> T:
            _halt(halts, request.run.uid, request.extra_prompt, step)
            return function(*args, **kwargs)

        return halting

    _replace(AttachedSource, collect=before("collect", AttachedSource.collect))
    _replace(analysis, examine=before("evidence", evidence.examine))
    _replace(judge, decide=before("judge", judge.decide))
    verdict = analyser(request, cancelled)
    _halt(halts, request.run.uid, request.extra_prompt, "judged")
    return verdict


def _halt(halts: Path, uid: str, words: str, step: str) -> None:
    armed = halts / "armed"
    if step not in words.split() or not armed.exists():
        return
    (halts / f"{uid}.{step}").touch()
    give_up = time.monotonic() + PATIENCE
    while armed.exists() and time.monotonic() < give_up:
        time.sleep(0.02)


def _replace(owner: object, **functions: Callable[..., object]) -> None:
    for name, function in functions.items():
        setattr(owner, name, function)
