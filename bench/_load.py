"""Plays scenarios: a host in a process of its own, an agent in another, and what they have measured."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from . import _runs
from ._context import ROOT, Context, Subject

AN_ANALYSIS = 5_000
"""Bytes of the AnalysisRuns that plugins are loaded with."""
WORKERS = 30
"""Calls at one time: the controller's workers."""
_LIMIT_SECONDS = 300.0


@dataclass(frozen=True)
class Scenario:
    """What a host is to do, in this order; `tests/conformance/cmd/analysisload` has the details.

    Attributes:
        ping_ms: between two pings; 0 for the first one only.
        idle_seconds: before the first analysis.
        warmup: seconds that each analysis takes which comes before anything is measured.
        analyses: the same for each that is measured.
        workers: calls at one time.
        resume: whether to ask again at ResumeAt; otherwise Run alone is called.
        open_seconds: how long to go on after the last Run has returned; 0 until all have ended.
    """

    ping_ms: float = 0.0
    idle_seconds: float = 0.0
    warmup: Sequence[float] = ()
    analyses: Sequence[float] = ()
    workers: int = WORKERS
    resume: bool = False
    open_seconds: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """How one analysis went; times are Unix seconds, `ended` is 0 for one that was still open."""

    uid: str
    phase: str
    message: str
    running: int
    begun: float
    ended: float


@dataclass(frozen=True)
class Load:
    """What a host has measured: milliseconds, KiB, and the plugin's processor seconds."""

    first_ping: float
    init: float
    pings: dict[str, list[float]]
    runs: list[float]
    resumes: list[float]
    outcomes: list[Outcome]
    rss_idle: int
    rss_open: int
    cpu: float


@dataclass(frozen=True)
class Agent:
    """A running `_agent.py`."""

    url: str
    process: "subprocess.Popen[str]" = field(repr=False)

    def stats(self) -> dict[str, dict[str, float]]:
        """When each run's task began and ends, and how often it was asked for."""
        with urllib.request.urlopen(f"{self.url}/stats", timeout=30) as answer:
            found: dict[str, dict[str, float]] = json.load(answer)
        return found


@contextmanager
def running_agent(mode: str = "answer") -> Iterator[Agent]:
    """An agent in a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench._agent", mode],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield Agent(process.stdout.readline().strip(), process)
        finally:
            process.kill()


def play(
    context: Context, scenario: Scenario, agent_url: str = "", subject: Subject | None = None
) -> Load:
    """Plays a scenario on `subject`, our plugin by default, in a fresh plugin process.

    Raises:
        RuntimeError: the host failed; the text is what it said.
    """
    subject = subject or context.subject
    if context.go_folder is not None:
        host = [str(context.go_folder / "analysisload")]
    else:
        host = [sys.executable, "-m", "bench._host"]
    done = subprocess.run(
        host,
        input=json.dumps(_document(scenario, subject, agent_url)),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=_LIMIT_SECONDS + 60,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{host[-1]} failed: {done.stderr.strip()[-2000:]}")
    return _read(json.loads(done.stdout))


def check(load: Load, phase: str) -> None:
    """Makes sure that what was measured is what was meant.

    Raises:
        RuntimeError: an analysis has another phase; the text is its message.
    """
    for outcome in load.outcomes:
        if outcome.phase != phase:
            raise RuntimeError(
                f"an analysis is {outcome.phase}, expected {phase}: {outcome.message}"
            )


def _document(scenario: Scenario, subject: Subject, agent_url: str) -> dict[str, Any]:
    run = _runs.analysis_run(AN_ANALYSIS) if scenario.analyses else {}

    def analyses(durations: Sequence[float]) -> list[object]:
        return [
            {"run": _runs.with_uid(run), "metric": _runs.metric(agent_url, seconds)}
            for seconds in durations
        ]

    return {
        "plugin": subject.argv,
        "pingMillis": scenario.ping_ms,
        "idleSeconds": scenario.idle_seconds,
        "warmup": analyses(scenario.warmup),
        "analyses": analyses(scenario.analyses),
        "workers": scenario.workers,
        "resume": scenario.resume,
        "openSeconds": scenario.open_seconds,
        "limitSeconds": _LIMIT_SECONDS,
    }


def _read(found: dict[str, Any]) -> Load:
    return Load(
        first_ping=found["firstPing"],
        init=found["init"],
        pings=found["pings"] or {},
        runs=found["runs"] or [],
        resumes=found["resumes"] or [],
        outcomes=[Outcome(**outcome) for outcome in found["outcomes"] or []],
        rss_idle=found["rssIdle"],
        rss_open=found["rssOpen"],
        cpu=found["cpu"],
    )
