"""Agents that take 5 to 60 s: how late a verdict is picked up."""

import random
from collections.abc import Sequence

from bench._figures import Findings, percentile

from ._case import Case, Column, figure
from ._stage import Stage, Subject
from ._volley import Volley, play

_RUNS = 200
_WARM_UP = 12


def _volley() -> Volley:
    rng = random.Random(1)  # the same durations for each plugin, each time
    durations = [rng.uniform(5.0, 60.0) for _ in range(_WARM_UP + _RUNS)]
    return Volley(durations[:_WARM_UP], durations[_WARM_UP:], limit=420.0)


def measure(stage: Stage, subjects: Sequence[Subject]) -> Findings:
    """Plays it with each plugin."""
    volley = _volley()
    column: Column = [(subject, play(stage, subject, volley)) for subject in subjects]
    return Findings(
        [
            figure(
                "verdict to end of run, p50", "s", column, lambda one: percentile(one.late, 0.5)
            ),
            figure("  p95", "s", column, lambda one: percentile(one.late, 0.95), at_most=3.0),
            figure("  longest", "s", column, lambda one: max(one.late)),
            figure("status patches a run", "", column, lambda one: one.patches),
            figure(
                "submissions a run, most", "", column, lambda one: max(one.submissions), at_most=1.0
            ),
            figure(
                "CPU of the plugin a run", "ms", column, lambda one: one.cpu_ms, at_most_ratio=1.5
            ),
            figure("RSS most", "MB", column, lambda one: one.plugin.most, at_most_ratio=1.0),
        ],
        [f"{_RUNS} runs after {_WARM_UP} to learn from"],
    )


CASE = Case("random", "an agent that takes 5 to 60 s: how late its verdicts are picked up", measure)
