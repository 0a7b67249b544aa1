"""Ping from the host's process, while analyses are open and polled, and while nothing goes on."""

from collections.abc import Callable

from ._context import Context
from ._figures import Bench, Beside, Figure, Findings, percentile
from ._load import Load, Scenario, check, play, running_agent

ROUNDS = 3
OPEN = 200
TARGET_MS = 20.0
RSS_RATIO = 1.3
_EVERY_MS = 10.0
_OPEN_SECONDS = 8.0

# No task ends meanwhile, so all are polled as an agent's that nobody knows yet: the most polls there can be.
_SCENARIO = Scenario(
    ping_ms=_EVERY_MS,
    idle_seconds=2.0,
    analyses=[3600.0] * OPEN,
    resume=True,
    open_seconds=_OPEN_SECONDS,
)

# What goes on meanwhile, as the table calls it.
_MEANWHILE = {
    "open": f"{OPEN} analyses open and polled",
    "opening": f"while {OPEN} analyses are opened",
    "idle": "idle",
}
_PARTS = {"p50": 0.5, "p99": 0.99, "max": 1.0}


def measure(context: Context) -> Findings:
    subjects = [context.subject, *([context.twin] if context.twin else [])]
    loads: dict[str, list[Load]] = {subject.name: [] for subject in subjects}
    for number in range(rounds := context.rounds(ROUNDS)):
        for subject in subjects:
            context.progress(f"ping: {subject.name}, round {number + 1} of {rounds}")
            with running_agent() as agent:
                load = play(context, _SCENARIO, agent.url, subject)
            check(load, "Running")
            loads[subject.name].append(load)
    ours, *others = loads.values()
    pings = [
        Figure(
            f"{label}, {words}",
            "ms",
            _each(ours, _ping(name, part)),
            [Beside("Go twin", _each(load, _ping(name, part))) for load in others],
            at_most=TARGET_MS if (label, name) == ("p99", "open") else None,
        )
        for name, words in _MEANWHILE.items()
        for label, part in _PARTS.items()
    ]
    return Findings([*pings, *_rest(ours, others)], [_note(ours)])


def _rest(ours: list[Load], others: list[list[Load]]) -> list[Figure]:
    """What else this load shows."""

    def figure(
        what: str, unit: str, of: Callable[[Load], float], ratio: float | None = None
    ) -> Figure:
        beside = [Beside("Go twin", _each(loads, of)) for loads in others]
        return Figure(what, unit, _each(ours, of), beside, at_most_ratio=ratio)

    return [
        figure(f"Resume p50, {OPEN} open", "ms", lambda load: percentile(load.resumes, 0.5)),
        figure(f"Resume p99, {OPEN} open", "ms", lambda load: percentile(load.resumes, 0.99)),
        figure("plugin's CPU a call (pings too)", "ms", _cpu_a_call),
        figure(f"RSS, {OPEN} open", "MB", lambda load: load.rss_open / 1024, RSS_RATIO),
    ]


def _ping(name: str, part: float) -> Callable[[Load], float]:
    return lambda load: percentile(load.pings[name], part)


def _cpu_a_call(load: Load) -> float:
    return load.cpu * 1000 / (len(load.runs) + len(load.resumes))


def _each(loads: list[Load], of: Callable[[Load], float]) -> list[float]:
    return [of(load) for load in loads]


def _note(ours: list[Load]) -> str:
    pings = sum(len(load.pings["open"]) for load in ours)
    polls = sum(len(load.resumes) for load in ours) / len(ours) / _OPEN_SECONDS
    return (
        f"pings and all other calls come from one host process, a ping every {_EVERY_MS:g} ms; "
        f"{pings:,} pings with {OPEN} open; {polls:.0f} Resumes a second"
    )


BENCH = Bench("ping", f"Ping with {OPEN} analyses of 5 KB open, from another process", measure)
