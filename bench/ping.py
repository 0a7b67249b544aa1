"""Ping from the host's process, while analyses are open and polled, and while nothing goes on."""

from ._context import Context
from ._figures import Bench, Beside, Figure, Findings, percentile
from ._load import Load, Scenario, check, play, running_agent

ROUNDS = 3
OPEN = 200
TARGET_MS = 20.0
_EVERY_MS = 10.0
_IDLE_SECONDS = 4.0
_OPEN_SECONDS = 15.0
_AN_HOUR = 3600.0

# What goes on meanwhile, as the table calls it.
_MEANWHILE = {
    "open": f"{OPEN} analyses open and polled",
    "opening": f"while {OPEN} analyses are opened",
    "idle": "idle",
}
_PARTS = {"p50": 0.5, "p99": 0.99, "max": 1.0}


def measure(context: Context) -> Findings:
    ours: list[Load] = []
    theirs: list[Load] = []
    alone = Scenario(ping_ms=_EVERY_MS, idle_seconds=_IDLE_SECONDS)
    # No task ends meanwhile, so none is polled later than an agent's that nobody knows yet: the most polls there can be.
    loaded = Scenario(
        ping_ms=_EVERY_MS,
        idle_seconds=_IDLE_SECONDS,
        analyses=[_AN_HOUR] * OPEN,
        resume=True,
        open_seconds=_OPEN_SECONDS,
    )
    for number in range(rounds := context.rounds(ROUNDS)):
        context.progress(f"ping: round {number + 1} of {rounds}, {OPEN} analyses")
        with running_agent() as agent:
            ours.append(play(context, loaded, agent.url))
        check(ours[-1], "Running")
        if context.go_plugin is not None:
            theirs.append(play(context, alone, subject=context.go_plugin))
    return Findings(
        [_figure(name, part, ours, theirs) for name in _MEANWHILE for part in _PARTS],
        [_note(ours)],
    )


def _figure(name: str, part: str, ours: list[Load], theirs: list[Load]) -> Figure:
    beside = []
    if theirs:
        idle = [percentile(load.pings["idle"], _PARTS[part]) for load in theirs]
        beside.append(Beside("Go plugin, idle", idle))
    return Figure(
        f"{part}, {_MEANWHILE[name]}",
        "ms",
        [percentile(load.pings[name], _PARTS[part]) for load in ours],
        beside,
        at_most=TARGET_MS if part == "p99" and name == "open" else None,
    )


def _note(ours: list[Load]) -> str:
    pings = sum(len(load.pings["open"]) for load in ours)
    polls = sum(len(load.resumes) for load in ours) / len(ours) / _OPEN_SECONDS
    resume = percentile([took for load in ours for took in load.resumes], 0.99)
    return (
        f"one host process for all; {pings:,} pings with {OPEN} open, a ping every {_EVERY_MS:g} ms; "
        f"{polls:.0f} Resumes a second, p99 {resume:.0f} ms"
    )


BENCH = Bench("ping", f"Ping with {OPEN} analyses of 5 KB open, from another process", measure)
