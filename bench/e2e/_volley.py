"""Many AnalysisRuns at once: played, and what was measured meanwhile."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bench._load import Agent, running_agent

from ._errors import BenchError
from ._processes import Usage
from ._runs import Request, create
from ._stage import Stage, Subject, say
from ._watch import Followed, RunWatch

__all__ = ["BURST", "CALLS", "Played", "Volley", "ended", "play"]

_PROGRESS_SECONDS = 10.0
_EXTRA = "extra"
_SUCCESSFUL = frozenset({"Successful"})
CALLS = 40.0
"""Status patches a second that the controller's client lets through (--qps)."""
BURST = 80.0
"""How many it lets through before that (--burst)."""
RATE = 80.0
"""AnalysisRuns created a second: 200 within 2.5 s, the same for each plugin on a machine that is busy. The first patches of
as many take the controller longer."""


@dataclass(frozen=True, slots=True)
class Volley:
    """What is to be played.

    Attributes:
        warm_up: seconds that each analysis takes which comes before, at the same agent.
        analyses: seconds that each takes which is measured; all are created at once.
        extra: whether one more is created last, whose agent answers at once.
        limit: seconds after which it is an error that a run has not ended.
        rate: AnalysisRuns created a second; 0 for as many as can be.
    """

    warm_up: Sequence[float]
    analyses: Sequence[float]
    extra: bool = False
    limit: float = 300.0
    rate: float = RATE


@dataclass(frozen=True)
class Played:
    """What was measured; times are seconds.

    Attributes:
        runs: what became of each AnalysisRun.
        began: Unix time before each was created.
        tasks: the agent's, by the name of the run; Unix times, and how often it was called.
        idle: the plugin's use after the warm-up, before the load.
        plugin: the plugin's use at the end.
        controller: processor seconds of the controller.
        extra: from the creation of the one that was created last to its end.
    """

    runs: dict[str, Followed]
    began: dict[str, float]
    tasks: dict[str, dict[str, float]]
    idle: Usage
    plugin: Usage
    controller: float
    extra: float | None = None

    @property
    def first(self) -> float:
        """Unix time of the beginning."""
        return min(self.began.values())

    @property
    def all_done(self) -> float:
        """From the first creation to the last end."""
        return max(run.ended for run in self.runs.values()) - self.first

    @property
    def created(self) -> float:
        """From the first creation to the last."""
        return max(self.began.values()) - self.first

    @property
    def patches(self) -> float:
        """Status patches a run."""
        return sum(run.changes for run in self.runs.values()) / len(self.runs)

    @property
    def submissions(self) -> list[float]:
        """How often each run's question came to the agent."""
        return [task["sends"] for task in self.tasks.values()]

    @property
    def late(self) -> list[float]:
        """From each verdict at the agent to the end of its run."""
        return [self.runs[name].ended - task["ends"] for name, task in self.tasks.items()]

    @property
    def cpu_ms(self) -> float:
        """Processor milliseconds of the plugin a run."""
        return (self.plugin.processor - self.idle.processor) * 1000 / len(self.runs)

    @property
    def controller_ms(self) -> float:
        """Processor milliseconds of the controller a run."""
        return self.controller * 1000 / len(self.runs)


def play(stage: Stage, subject: Subject, volley: Volley) -> Played:
    """Plays a volley on a fresh controller with this plugin.

    Raises:
        BenchError: a run did not end in time or not as Successful, or the plugin was started again.
    """
    say(f"{subject.name}: a fresh controller")
    stage.use(subject)
    mode = "older" if subject.older else "answer"
    with running_agent(mode) as agent, running_agent(mode) as quick, stage.namespace() as namespace:
        with RunWatch(namespace) as watch:
            say(f"{subject.name}: {len(volley.warm_up)} to warm up, {max(volley.warm_up):.0f} s")
            warm_up = create(namespace, _requests("warm-up", agent, volley.warm_up))
            ended(watch, list(warm_up), volley.limit, subject)
            pid, idle = stage.plugin()
            before = stage.controller().processor
            say(f"{subject.name}: {len(volley.analyses)} AnalysisRuns at once")
            began = create(namespace, _requests("load", agent, volley.analyses), volley.rate)
            extra = create(namespace, _requests(_EXTRA, quick, [0.0])) if volley.extra else {}
            runs = ended(watch, [*began, *extra], volley.limit, subject)
        tasks = agent.stats()
        return Played(
            runs={name: runs[name] for name in began},
            began=began,
            tasks={name: tasks[name] for name in began},
            idle=idle,
            plugin=_still(stage, pid),
            controller=stage.controller().processor - before,
            extra=next((runs[name].ended - at for name, at in extra.items()), None),
        )


def _still(stage: Stage, pid: int) -> Usage:
    after, used = stage.plugin()
    if after != pid:
        raise BenchError(f"the plugin was started again: pid {pid} before, {after} after")
    return used


def _requests(prefix: str, agent: Agent, durations: Sequence[float]) -> list[Request]:
    names = [f"{prefix}-{number}" for number in range(len(durations))]
    return [
        Request(name, agent.url, f"{seconds:g} {name}")
        for name, seconds in zip(names, durations, strict=True)
    ]


def ended(
    watch: RunWatch,
    names: list[str],
    limit: float,
    subject: Subject,
    phases: Collection[str] = _SUCCESSFUL,
) -> dict[str, Followed]:
    """The runs when all have ended; says how far they are meanwhile.

    Raises:
        BenchError: one has not ended within `limit` seconds, or not in one of the phases.
    """
    deadline = time.monotonic() + limit
    while True:
        left = deadline - time.monotonic()
        runs = watch.wait(names, min(left, _PROGRESS_SECONDS))
        done = sum(1 for run in runs.values() if run.ended)
        if done == len(names):
            break
        if left <= 0:
            raise BenchError(f"{done} of {len(names)} runs have ended after {limit:.0f} s")
        say(f"{subject.name}: {done} of {len(names)} have ended")
    for name, run in runs.items():
        if run.phase not in phases:
            raise BenchError(f"AnalysisRun {name} is {run.phase}: {run.message}")
    return runs
