"""Run: with an agent that answers at once, and with agents that hang."""

import http.client
import json
import time
import uuid
from urllib.parse import urlsplit

from . import _runs
from ._context import Context
from ._figures import Bench, Beside, Figure, Findings, percentile
from ._load import WORKERS, Load, Scenario, check, play, running_agent

ROUNDS = 3
TARGET_MS = 100.0
HANGING_TARGET_MS = 2000.0
MANY = 200
_PING_MS = 10.0
_WARMUP = (3600.0,) * 3

_ANSWERING = {
    "one at a time": Scenario(warmup=_WARMUP, analyses=[3600.0] * 60, workers=1),
    f"{WORKERS} callers": Scenario(warmup=_WARMUP, analyses=[3600.0] * MANY, workers=WORKERS),
    f"{MANY} at once": Scenario(warmup=_WARMUP, analyses=[3600.0] * MANY, workers=MANY),
}
_HANGING = {
    f"{WORKERS} callers": Scenario(_PING_MS, analyses=[0.0] * (2 * WORKERS), workers=WORKERS),
    f"{MANY} at once": Scenario(_PING_MS, analyses=[0.0] * MANY, workers=MANY),
}
_MODES = {"hang": "agent that never answers", "hang-send": "agent with a card that hangs"}


def measure(context: Context) -> Findings:
    figures = _first(context)
    figures += _answering(context)
    figures += _hanging(context)
    note = (
        "a bare exchange is the same SendMessage over a connection that is open already, by http.client, one at a time; "
        "the first Run also waits for httpcore2's import where init has not done that yet"
    )
    return Findings(figures, [note])


def _first(context: Context) -> list[Figure]:
    """The very first Run of a plugin's process, right after InitPlugin."""
    once, took, init = Scenario(analyses=[3600.0]), list[float](), list[float]()
    for number in range(rounds := context.rounds(5)):
        context.progress(f"run: first one, round {number + 1} of {rounds}")
        with running_agent() as agent:
            load = play(context, once, agent.url)
        check(load, "Running")
        took += load.runs
        init.append(load.init)
    return [
        Figure("first Run of a process", "ms", took, at_most=TARGET_MS),
        Figure("InitPlugin before it", "ms", init),
    ]


def _answering(context: Context) -> list[Figure]:
    loads: dict[str, list[Load]] = {name: [] for name in _ANSWERING}
    bare: list[float] = []
    for number in range(rounds := context.rounds(ROUNDS)):
        context.progress(f"run: agent that answers at once, round {number + 1} of {rounds}")
        for name, scenario in _ANSWERING.items():
            with running_agent() as agent:
                loads[name].append(play(context, scenario, agent.url))
                if scenario.workers == 1:
                    bare.append(percentile(_bare_exchanges(agent.url, 200), 0.5))
            check(loads[name][-1], "Running")
    figures = []
    for name, found in loads.items():
        for label, part in (("p50", 0.5), ("p99", 0.99), ("max", 1.0)):
            rounds_ = [percentile(load.runs, part) for load in found]
            target = TARGET_MS if label == "p99" else None
            beside = [Beside("bare exchange p50", bare)]
            figures.append(Figure(f"{label}, {name}", "ms", rounds_, beside, at_most=target))
    return figures


def _hanging(context: Context) -> list[Figure]:
    figures = []
    for mode, what in _MODES.items():
        for name, scenario in _HANGING.items():
            loads = []
            for number in range(rounds := context.rounds(ROUNDS)):
                context.progress(f"run: {what}, {name}, round {number + 1} of {rounds}")
                with running_agent(mode) as agent:
                    loads.append(play(context, scenario, agent.url))
                check(loads[-1], "Running")
            figures.append(
                Figure(
                    f"max, {what}, {name}",
                    "ms",
                    [max(load.runs) for load in loads],
                    at_most=HANGING_TARGET_MS,
                )
            )
            pings = [percentile(load.pings["opening"], 0.99) for load in loads]
            figures.append(Figure("  Ping p99 meanwhile", "ms", pings))
    return figures


def _bare_exchanges(agent_url: str, count: int) -> list[float]:
    """Milliseconds of SendMessage on the agent itself."""
    address = urlsplit(agent_url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    took = []
    for _ in range(count):
        body = json.dumps(_message())
        began = time.perf_counter()
        connection.request("POST", "/rpc", body, {"Content-Type": "application/json"})
        json.loads(connection.getresponse().read())
        took.append((time.perf_counter() - began) * 1000)
    connection.close()
    return took


def _message() -> _runs.Document:
    request = {"run": {"uid": str(uuid.uuid4())}, "extraPrompt": "3600"}
    parts = [{"text": "q" * 1500}, {"data": request}]
    message = {"messageId": "m", "contextId": "c", "role": "ROLE_USER", "parts": parts}
    return {"jsonrpc": "2.0", "id": "1", "method": "SendMessage", "params": {"message": message}}


BENCH = Bench("run", "how long Run takes, also with an agent that hangs", measure)
