"""Agents that take 5 to 60 s: how late a verdict is picked up."""

import random
from collections.abc import Sequence
from functools import partial

from bench._figures import Figure, Findings, percentile

from ._case import Case, Column, figure, side_by_side
from ._stage import Stage, Subject
from ._volley import CALLS, Volley

_WARM_UP = 12


def _volley(runs: int) -> Volley:
    rng = random.Random(1)  # the same durations for each plugin, each time
    durations = [rng.uniform(5.0, 60.0) for _ in range(_WARM_UP + runs)]
    return Volley(durations[:_WARM_UP], durations[_WARM_UP:], limit=420.0)


def measure(runs: int, stage: Stage, subjects: Sequence[Subject]) -> Findings:
    """Plays it with each plugin."""
    column, notes = side_by_side(stage, subjects, _volley(runs))
    about = (
        f"{runs} runs after {_WARM_UP} to learn from; each time a plugin says that an agent is still at it costs a status "
        f"patch, and {CALLS:g} a second are let through: with all open, one in {runs / CALLS:.1f} s for each"
    )
    return Findings(_figures(column), [about, *notes])


def _figures(column: Column) -> list[Figure]:
    return [
        figure("verdict to end of run, p50", "s", column, lambda one: percentile(one.late, 0.5)),
        figure("  p95", "s", column, lambda one: percentile(one.late, 0.95), at_most=3.0),
        figure("  longest", "s", column, lambda one: max(one.late)),
        figure("status patches a run", "", column, lambda one: one.patches),
        figure(
            "submissions a run, most", "", column, lambda one: max(one.submissions), at_most=1.0
        ),
        figure("CPU of the plugin a run", "ms", column, lambda one: one.cpu_ms, at_most_ratio=1.5),
        figure("RSS most", "MB", column, lambda one: one.plugin.most, at_most_ratio=1.0),
    ]


CASES = [
    Case(
        f"random-{runs}" if runs != 200 else "random",
        f"{runs} at once, agents that take 5 to 60 s: how late a verdict is picked up",
        partial(measure, runs),
    )
    for runs in (200, 100)
]
