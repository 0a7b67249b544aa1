"""1,000 AnalysisRuns at once, and what holds them up."""

import os
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2

from bench._figures import Figure, Findings, percentile

from ._case import Case, Column, figure, side_by_side
from ._stage import Stage, Subject
from ._volley import BURST, CALLS, Played, Volley

_SECONDS = 20.0
_VOLLEY = Volley([_SECONDS], [_SECONDS] * 1000, limit=400.0, rate=0.0)
_LOOK_SECONDS = 1.0
_DEPTH = re.compile(r'^workqueue_depth\{.*name="AnalysisRuns".*\} ([0-9.e+]+)$', re.MULTILINE)
_NEARLY = 0.8


@dataclass(slots=True)
class _Queue:
    """The most AnalysisRuns that waited for one of the controller's workers."""

    deepest: float = 0.0


def measure(stage: Stage, subjects: Sequence[Subject]) -> Findings:
    """Plays it with each plugin."""
    with _watched(stage) as queue:
        column, notes = side_by_side(stage, subjects, _VOLLEY)
    notes += [f"{subject.name}: {_bottleneck(played)}" for subject, played in column]
    notes.append(f"at most {queue.deepest:.0f} runs waited in the controller's queue")
    return Findings(_figures(column), notes)


def _figures(column: Column) -> list[Figure]:
    return [
        figure("all done after", "s", column, lambda one: one.all_done),
        figure("verdict to end of run, p50", "s", column, lambda one: percentile(one.late, 0.5)),
        figure("  p95", "s", column, lambda one: percentile(one.late, 0.95)),
        figure("status patches a run", "", column, lambda one: one.patches),
        figure(
            "submissions a run, most", "", column, lambda one: max(one.submissions), at_most=1.0
        ),
        figure("RSS most", "MB", column, lambda one: one.plugin.most, at_most_ratio=1.0),
        figure("CPU of the plugin a run", "ms", column, lambda one: one.cpu_ms, at_most_ratio=1.5),
        figure("CPU of the controller a run", "ms", column, lambda one: one.controller_ms),
    ]


def _bottleneck(played: Played) -> str:
    patches = played.patches * len(played.runs)
    # While the agent works there is nothing to patch.
    busy = max(played.all_done - _SECONDS, 1.0)
    allowed = (patches - 2 * BURST) / CALLS
    cores = played.controller / played.all_done
    said = (
        f"{patches:.0f} status patches in {played.all_done:.0f} s; the controller's client lets {CALLS:g} a second "
        f"through after {BURST:g}, so that they take {allowed:.0f} s at least; controller {cores:.2f} of "
        f"{os.cpu_count()} cores"
    )
    if allowed >= _NEARLY * busy:
        return f"{said}: that limit (--qps) is the bottleneck"
    return said


@contextmanager
def _watched(stage: Stage) -> Iterator[_Queue]:
    """Looks at the controller's queue until the end."""
    queue, stop = _Queue(), threading.Event()

    def look() -> None:
        with httpx2.Client(timeout=5.0, trust_env=False) as http:
            while not stop.wait(_LOOK_SECONDS):
                try:
                    text = http.get(stage.metrics_url).text
                except (httpx2.TransportError, OSError, IndexError):
                    continue  # between two controllers
                found = _DEPTH.search(text)
                if found:
                    queue.deepest = max(queue.deepest, float(found[1]))

    thread = threading.Thread(target=look, name="queue")
    thread.start()
    try:
        yield queue
    finally:
        stop.set()
        thread.join()


CASE = Case("many", "1,000 at once, an agent that takes 20 s, and what holds them up", measure)
