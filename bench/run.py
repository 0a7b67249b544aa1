"""Run: with an agent that answers at once, and with agents that hang."""

from collections.abc import Callable

from ._bare import bare_exchange_ms
from ._context import Context
from ._figures import Bench, Beside, Figure, Findings, percentile
from ._load import WORKERS, Load, Scenario, check, play, running_agent

ROUNDS = 3
HANGING_ROUNDS = 2
TARGET_MS = 100.0
HANGING_TARGET_MS = 2000.0
MANY = 200
_PING_MS = 10.0
_LONG = 3600.0
_WARMUP = (_LONG,) * 3

_FIRST = "first Run of a process"
_ANSWERING = {
    _FIRST: Scenario(analyses=[_LONG]),
    "one at a time": Scenario(warmup=_WARMUP, analyses=[_LONG] * 60, workers=1),
    f"{WORKERS} callers": Scenario(warmup=_WARMUP, analyses=[_LONG] * MANY, workers=WORKERS),
    f"{MANY} at once": Scenario(warmup=_WARMUP, analyses=[_LONG] * MANY, workers=MANY),
}
_HANGING = {
    f"{WORKERS} callers": Scenario(_PING_MS, analyses=[0.0] * (2 * WORKERS), workers=WORKERS),
    f"{MANY} at once": Scenario(_PING_MS, analyses=[0.0] * MANY, workers=MANY),
}
_MODES = {"hang": "agent never answers", "hang-send": "agent hangs after its card"}
_PARTS = {"p50": 0.5, "p99": 0.99, "max": 1.0}


def measure(context: Context) -> Findings:
    note = (
        "bare exchange: the same SendMessage at the agent over an open connection, by http.client, "
        "p50 of one at a time"
    )
    return Findings([*_answering(context), *_hanging(context)], [note])


def _answering(context: Context) -> list[Figure]:
    subjects = [context.subject, *([context.twin] if context.twin else [])]
    loads: dict[str, list[list[Load]]] = {name: [[] for _ in subjects] for name in _ANSWERING}
    bare: list[float] = []
    for number in range(rounds := context.rounds(ROUNDS)):
        context.progress(f"run: agent answers at once, round {number + 1} of {rounds}")
        with running_agent() as agent:
            bare.append(bare_exchange_ms(agent.url))
        for name, scenario in _ANSWERING.items():
            for subject, found in zip(subjects, loads[name], strict=True):
                with running_agent() as agent:
                    found.append(play(context, scenario, agent.url, subject))
                check(found[-1], "Running")
    figures = []
    for name, (ours, *others) in loads.items():
        for label, part in _PARTS.items() if name != _FIRST else [("", 1.0)]:
            beside = [Beside("Go twin", _runs(load, part)) for load in others]
            if name == "one at a time" and label == "p50":
                beside.append(Beside("bare exchange", bare))
            figures.append(
                Figure(
                    f"{label}, {name}" if label else name,
                    "ms",
                    _runs(ours, part),
                    beside,
                    at_most=TARGET_MS if label in {"", "p99"} else None,
                )
            )
    return figures


def _hanging(context: Context) -> list[Figure]:
    figures = []
    for mode, what in _MODES.items():
        for name, scenario in _HANGING.items():
            loads = []
            for number in range(rounds := context.rounds(HANGING_ROUNDS)):
                context.progress(f"run: {what}, {name}, round {number + 1} of {rounds}")
                with running_agent(mode) as agent:
                    loads.append(play(context, scenario, agent.url))
                check(loads[-1], "Running")
            figures += [
                Figure(f"max, {what}, {name}", "ms", _runs(loads, 1.0), at_most=HANGING_TARGET_MS),
                Figure("  Ping p99 meanwhile", "ms", _each(loads, _opening_ping_p99)),
            ]
    return figures


def _runs(loads: list[Load], part: float) -> list[float]:
    return _each(loads, lambda load: percentile(load.runs, part))


def _opening_ping_p99(load: Load) -> float:
    return percentile(load.pings["opening"], 0.99)


def _each(loads: list[Load], of: Callable[[Load], float]) -> list[float]:
    return [of(load) for load in loads]


BENCH = Bench("run", "how long Run takes, also with an agent that hangs", measure)
