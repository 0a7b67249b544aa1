"""How often an analysis is asked for, and how late its end is noticed."""

import math
import random
from dataclasses import dataclass

from ._context import Context
from ._figures import Bench, Beside, Figure, Findings, percentile
from ._load import Agent, Load, Scenario, check, play, running_agent

ANALYSES = 200
_WARMUP = 12
FIXED_SECONDS = 5.0
"""The pace of the non-blocking prototype that ours is compared with."""


@dataclass(frozen=True)
class _Polled:
    """Of each analysis: answers Running, and seconds from the task's end to the finished measurement."""

    running: list[float]
    late: list[float]


def measure(context: Context) -> Findings:
    longest = 60.0 if context.long else 20.0
    rng = random.Random(1)  # the same durations each time
    kinds = {
        "agent takes 20 s": (20.0, 20.0),
        f"agent takes 5 to {longest:.0f} s": (5.0, longest),
    }
    figures: list[Figure] = []
    for name, span in kinds.items():
        context.progress(f"polls: {ANALYSES} analyses, {name}, after {_WARMUP} to learn from")
        scenario = Scenario(
            warmup=[rng.uniform(*span) for _ in range(_WARMUP)],
            analyses=[rng.uniform(*span) for _ in range(ANALYSES)],
            resume=True,
        )
        with running_agent() as agent:
            load = play(context, scenario, agent.url)
            found, fixed = _polled(load, agent), _at_fixed_pace(load, agent)
        check(load, "Successful")
        figures += _figures(name, load, found, fixed)
    pace = (
        f"every {FIXED_SECONDS:g} s: computed for the same tasks from ResumeAt = now + {FIXED_SECONDS:g} s, "
        "in whole seconds, without any time for the polls themselves"
    )
    blocking = "a blocking plugin has no Running answer and no delay, and holds a worker of 30 all the while"
    return Findings(figures, [pace, blocking])


def _figures(name: str, load: Load, found: _Polled, fixed: _Polled) -> list[Figure]:
    figures = [
        Figure(
            f"Running answers an analysis, {name}",
            "",
            [_mean(found.running)],
            [Beside(f"every {FIXED_SECONDS:g} s", [_mean(fixed.running)])],
        )
    ]
    for label, part in (("p50", 0.5), ("p99", 0.99), ("max", 1.0)):
        beside = [Beside(f"every {FIXED_SECONDS:g} s", [percentile(fixed.late, part)])]
        figures.append(
            Figure(f"  pick-up delay, {label}", "s", [percentile(found.late, part)], beside)
        )
    calls = len(load.runs) + len(load.resumes)
    figures.append(Figure("  plugin's CPU an analysis", "ms", [load.cpu * 1000 / ANALYSES]))
    figures.append(Figure("  plugin's CPU a call", "ms", [load.cpu * 1000 / calls]))
    return figures


def _polled(load: Load, agent: Agent) -> _Polled:
    tasks = agent.stats()
    return _Polled(
        [float(outcome.running) for outcome in load.outcomes],
        [outcome.ended - tasks[outcome.uid]["ends"] for outcome in load.outcomes],
    )


def _at_fixed_pace(load: Load, agent: Agent) -> _Polled:
    tasks = agent.stats()
    running, late = [], []
    for outcome in load.outcomes:
        task = tasks[outcome.uid]
        moment, answers = task["begun"], 0
        while moment < task["ends"]:
            moment = float(math.ceil(moment + FIXED_SECONDS))
            answers += 1
        running.append(float(answers))
        late.append(moment - task["ends"])
    return _Polled(running, late)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


BENCH = Bench("polls", "status patches an analysis, and how late its end is noticed", measure)
