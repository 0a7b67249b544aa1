"""The stand-in for `tests/conformance/cmd/analysisload` where there is no Go: the same scenario, played by our own host.

It is a process of its own: `python -m bench._host`, a scenario as JSON on standard input, raw figures on standard output.
"""

import json
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from argo_rollouts_plugin.client import MetricProviderClient
from argo_rollouts_plugin.v1alpha1 import AnalysisRun, Measurement, Metric

T = TypeVar("T")
Document = dict[str, Any]

_CLOCK_TICKS = 100  # Linux' USER_HZ


@dataclass
class Analysis:
    """One analysis on its way."""

    run: AnalysisRun
    metric: Metric
    measurement: Measurement | None = None
    running: int = 0
    begun: float = 0.0
    ended: float = 0.0

    @classmethod
    def from_json(cls, document: Document) -> "Analysis":
        """Reads Kubernetes' JSON."""
        return cls(AnalysisRun.from_json(document["run"]), Metric.from_json(document["metric"]))

    def outcome(self) -> Document:
        """How it went."""
        measurement = self.measurement or Measurement()
        return {
            "uid": self.run.metadata.uid,
            "phase": str(measurement.phase),
            "message": measurement.message,
            "running": self.running,
            "begun": self.begun,
            "ended": self.ended,
        }


@dataclass
class Play:
    """Plays analyses as the controller's workers do, one thread for each analysis."""

    plugin: MetricProviderClient
    workers: threading.Semaphore
    resume: bool
    open_seconds: float
    runs: list[float] = field(default_factory=list)
    resumes: list[float] = field(default_factory=list)
    end: threading.Event = field(default_factory=threading.Event)

    def play(self, analyses: list[Analysis], opened: Callable[[], None] = lambda: None) -> None:
        """Runs all of them; returns when they have ended or the time is up."""
        if not analyses:
            return
        with ThreadPoolExecutor(len(analyses)) as threads:
            for future in [threads.submit(self._run, one) for one in analyses]:
                future.result()
            opened()
            followed = [threads.submit(self._follow, one) for one in analyses]
            if self.open_seconds:
                self.end.wait(self.open_seconds)
                self.end.set()
            for future in followed:
                future.result()

    def _run(self, one: Analysis) -> None:
        def call() -> Measurement:
            one.begun = time.time()
            return self.plugin.run(one.run, one.metric)

        self._keep(one, self._work(self.runs, call))

    def _follow(self, one: Analysis) -> None:
        while self.resume and one.measurement is not None and not one.ended:
            one.running += 1
            due = one.measurement.resume_at or datetime.now(UTC)
            if self.end.wait(max(0.0, (due - datetime.now(UTC)).total_seconds())):
                return
            call = partial(self.plugin.resume, one.run, one.metric, one.measurement)
            self._keep(one, self._work(self.resumes, call))

    def _keep(self, one: Analysis, measurement: Measurement) -> None:
        one.measurement = measurement
        one.ended = time.time() if measurement.finished_at else 0.0

    def _work(self, took: list[float], call: Callable[[], T]) -> T:
        with self.workers:
            began = time.perf_counter()
            result = call()
            took.append((time.perf_counter() - began) * 1000)
        return result


class Pinger:
    """Pings again and again; keeps the milliseconds by what goes on meanwhile."""

    def __init__(self, ping: Callable[[], float], pause: float) -> None:
        self.during = "idle"
        self.took: defaultdict[str, list[float]] = defaultdict(list)
        self._ping = ping
        self._pause = pause
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> dict[str, list[float]]:
        """Ends the pings."""
        self._end.set()
        self._thread.join()
        return self.took

    def _run(self) -> None:
        while self._pause and not self._end.wait(self._pause):
            self.took[self.during].append(self._ping() * 1000)


def play(scenario: Document) -> Document:
    """Plays a scenario in the order of the Go program."""
    plugin = MetricProviderClient(scenario["plugin"])
    began = time.perf_counter()
    try:
        plugin.host.start()
        plugin.ping()
        report: Document = {"firstPing": (time.perf_counter() - began) * 1000}
        plugin.start()
        pings = Pinger(plugin.ping, scenario["pingMillis"] / 1000)
        try:
            report |= _measure(plugin, scenario, pings)
        finally:
            report["pings"] = pings.stop()
    finally:
        plugin.kill(0)
    return report


def _measure(plugin: MetricProviderClient, scenario: Document, pings: Pinger) -> Document:
    began = time.perf_counter()
    plugin.init_plugin()
    init = (time.perf_counter() - began) * 1000
    time.sleep(scenario["idleSeconds"])
    idle = _resident_kib(plugin.pid)

    def new_play(open_seconds: float) -> Play:
        workers = threading.Semaphore(scenario["workers"])
        return Play(plugin, workers, scenario["resume"], open_seconds)

    pings.during = "warm-up"
    new_play(0.0).play([Analysis.from_json(one) for one in scenario["warmup"]])
    analyses = [Analysis.from_json(one) for one in scenario["analyses"]]
    before = _processor_seconds(plugin.pid)
    pings.during = "opening"
    measured = new_play(scenario["openSeconds"])
    measured.play(analyses, lambda: setattr(pings, "during", "open"))
    return {
        "init": init,
        "rssIdle": idle,
        # This host looks at the end only.
        "rssOpen": _resident_kib(plugin.pid),
        "cpu": _processor_seconds(plugin.pid) - before,
        "runs": measured.runs,
        "resumes": measured.resumes,
        "outcomes": [one.outcome() for one in analyses],
    }


def _resident_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def _processor_seconds(pid: int) -> float:
    # The command's name is in parentheses and may hold anything; utime and stime are fields 14 and 15.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _CLOCK_TICKS


if __name__ == "__main__":
    json.dump(play(json.load(sys.stdin)), sys.stdout)
