"""How often an analysis is asked for, how late its end is noticed, and what that costs."""

import math
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ._context import Context, Subject
from ._figures import Bench, Beside, Figure, Findings, percentile
from ._load import Agent, Load, Scenario, check, play, running_agent

ANALYSES = 100
CPU_RATIO = 2.0
FIXED_SECONDS = 5.0
"""The pace of the non-blocking prototype that ours is compared with."""
_WARMUP = 12
_PARTS = {"p50": 0.5, "p99": 0.99, "max": 1.0}


@dataclass(frozen=True)
class _Polled:
    """Of each analysis: answers Running, and seconds from the task's end to the finished measurement."""

    running: list[float]
    late: list[float]
    cpu: float = 0.0  # milliseconds of the plugin an analysis

    def mean_running(self) -> float:
        return sum(self.running) / len(self.running)


def measure(context: Context) -> Findings:
    rng = random.Random(1)  # the same durations each time
    longest = 60.0 if context.long else 20.0
    scenarios = {
        "agent takes 20 s": _scenario(lambda: 20.0),
        f"agent takes 5 to {longest:.0f} s": _scenario(lambda: rng.uniform(5.0, longest)),
    }
    subjects = [context.subject, *([context.twin] if context.twin else [])]
    context.progress(
        f"polls: {ANALYSES} analyses of each kind after {_WARMUP} to learn from, "
        f"{2 * longest + 6:.0f} s"
    )
    with ThreadPoolExecutor(len(scenarios) * len(subjects)) as threads:
        begun = {
            name: [threads.submit(_play, context, scenario, subject) for subject in subjects]
            for name, scenario in scenarios.items()
        }
    figures: list[Figure] = []
    for name, futures in begun.items():
        (ours, fixed), *others = (future.result() for future in futures)
        figures += _figures(name, ours, fixed, [other for other, _ in others])
    return Findings(
        figures,
        [
            _about_fixed_pace(),
            "a blocking plugin has no Running answer and no delay, and holds one of 30 workers all the while",
            "all kinds and plugins are played at the same time; CPU is the plugin's, from Run to verdict",
        ],
    )


def _scenario(duration: Callable[[], float]) -> Scenario:
    return Scenario(
        warmup=[duration() for _ in range(_WARMUP)],
        analyses=[duration() for _ in range(ANALYSES)],
        resume=True,
    )


def _play(context: Context, scenario: Scenario, subject: Subject) -> tuple[_Polled, _Polled]:
    """What was measured, and what a fixed pace would have given for the same tasks."""
    with running_agent() as agent:
        load = play(context, scenario, agent.url, subject)
        check(load, "Successful")
        return _polled(load, agent), _at_fixed_pace(load, agent)


def _figures(name: str, ours: _Polled, fixed: _Polled, others: Sequence[_Polled]) -> list[Figure]:
    pace = f"every {FIXED_SECONDS:g} s"

    def beside(of: Callable[[_Polled], float]) -> list[Beside]:
        return [*(Beside("Go twin", [of(other)]) for other in others), Beside(pace, [of(fixed)])]

    figures = [
        Figure(
            f"Running answers an analysis, {name}",
            "",
            [ours.mean_running()],
            beside(_Polled.mean_running),
        )
    ]
    for label, part in _PARTS.items():

        def late(of: _Polled, part: float = part) -> float:
            return percentile(of.late, part)

        figures.append(Figure(f"  pick-up delay, {label}", "s", [late(ours)], beside(late)))
    twin = [Beside("Go twin", [other.cpu]) for other in others]
    figures.append(Figure("  CPU an analysis", "ms", [ours.cpu], twin, at_most_ratio=CPU_RATIO))
    return figures


def _polled(load: Load, agent: Agent) -> _Polled:
    tasks = agent.stats()
    return _Polled(
        [float(outcome.running) for outcome in load.outcomes],
        [outcome.ended - tasks[outcome.uid]["ends"] for outcome in load.outcomes],
        load.cpu * 1000 / len(load.outcomes),
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


def _about_fixed_pace() -> str:
    return (
        f"every {FIXED_SECONDS:g} s: computed for the same tasks from ResumeAt = now + {FIXED_SECONDS:g} s "
        "in whole seconds, as if a poll took no time"
    )


BENCH = Bench("polls", "status patches an analysis, and how late its end is noticed", measure)
