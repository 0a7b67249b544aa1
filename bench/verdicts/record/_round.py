"""A round: stable's pods and a handful of canaries, running side by side on the same machine.

Whatever else the machine does meanwhile, both sides feel it; so a pair is always made of one round.
"""

import os
import random
import re
import shutil
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ._instance import Instance
from ._model import STABLE_LEVEL, Level, Place, Program, Scenario, Tally, Traffic

MAX_LOG = 1_500_000
_SETTLE_SECONDS = 60.0


class UnhealthyError(Exception):
    """A version that is to be healthy ended or never became ready, on a busy machine perhaps."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One canary of a round: a scenario under a level of traffic."""

    scenario: Scenario
    level: Level


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all instances of a recording share; `seconds` is how long the traffic of a round lasts."""

    work: Path
    tools: Path
    backend: str
    tls_backend: str
    ca_file: Path
    full_disk: Path
    seconds: float


@dataclass
class _Pod:
    name: str
    scenario: Scenario
    level: Level
    place: Place
    instance: Instance
    tally: Tally


def record_round(
    program: Program,
    stable: Scenario,
    canaries: Sequence[Planned],
    around: Surroundings,
    seed: str,
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Plays one round; returns what is known of it, the machine's load included, and the log files by name.

    Raises:
        UnhealthyError: the round is of no use.
    """
    wanted = [("stable", Planned(stable, STABLE_LEVEL))]
    wanted += [(f"{one.scenario.name}.{one.level.name}", one) for one in canaries]
    pods: list[_Pod] = []
    try:
        for group, planned in wanted:
            for number in range(1, planned.level.pods + 1):
                pods.append(_pod(program, f"{group}-{number}", planned, around))
                pods[-1].instance.start()
        time.sleep(program.rest)
        _settle(pods)
        _drive(program, pods, around.seconds, seed)
        _settle(pods)  # a node's restart takes its time
        _check_healthy(pods)
        facts = [_facts(pod) for pod in pods]
        logs = {name: data for pod in pods for name, data in _logs(pod)}
    finally:
        for pod in pods:
            pod.instance.stop()
    round_facts = {
        "program": program.name,
        "seconds": around.seconds,
        "load": round(os.getloadavg()[0], 1),
        "pods": facts,
    }
    return round_facts, logs


def _pod(program: Program, name: str, planned: Planned, around: Surroundings) -> _Pod:
    scenario = planned.scenario
    folder = around.work / name
    shutil.rmtree(folder, ignore_errors=True)  # of a round that was of no use
    folder.mkdir(parents=True)
    folder.chmod(0o777)  # some instances run as another user
    place = Place(
        folder,
        _free_port(),
        _free_port(),
        around.backend,
        around.tls_backend,
        around.ca_file,
        around.full_disk,
        around.tools,
    )
    launch = program.launch(scenario, place)
    return _Pod(name, scenario, planned.level, place, Instance(launch, folder), Tally())


def _drive(program: Program, pods: Sequence[_Pod], seconds: float, seed: str) -> None:
    def one(pod: _Pod) -> None:
        chance = random.Random(f"{seed}:{pod.name}")
        pod.tally = program.drive(pod.place, pod.scenario, Traffic(pod.level.rate, seconds, chance))

    threads = [threading.Thread(target=one, args=(pod,), daemon=True) for pod in pods]
    for thread in threads:
        thread.start()
    for pod in pods:
        if pod.scenario.restarted_by_node:
            threading.Timer(seconds / 3, pod.instance.lose_node).start()
    deadline = time.monotonic() + seconds + 15
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


def _settle(pods: Sequence[_Pod]) -> None:
    """Waits until all that are to be healthy are ready, so that a busy machine costs nobody anything."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    for pod in pods:
        while not (pod.scenario.fault or pod.instance.facts()["ready"]):
            if time.monotonic() > deadline:
                return  # what it means is found out afterwards
            time.sleep(0.2)


def _check_healthy(pods: Sequence[_Pod]) -> None:
    for pod in pods:
        facts = pod.instance.facts()
        own = [end for end in facts["ends"] if end["reason"] != "Unknown"]
        if not pod.scenario.fault and (own or not facts["ready"]):
            text = pod.instance.logs()[0][-2000:].decode("utf-8", "replace")
            raise UnhealthyError(
                f"{pod.name} is to be healthy, and is not: {own}; it wrote:\n{text}"
            )


def _facts(pod: _Pod) -> dict[str, Any]:
    current, previous = pod.instance.logs()
    text = (previous + current).decode("utf-8", "replace")
    sign = pod.scenario.sign
    return {
        "name": pod.name,
        "scenario": pod.scenario.name,
        "fault": pod.scenario.fault,
        "level": pod.level.name,
        "rate": pod.level.rate,
        "requests": pod.tally.sent,
        "failed": pod.tally.failed,
        "lines": text.count("\n"),
        "sign": sign,
        "signs": len(re.findall(sign, text, re.MULTILINE)) if sign else None,
        "nodeRestart": pod.scenario.restarted_by_node,
        **pod.instance.facts(),
    }


def _logs(pod: _Pod) -> list[tuple[str, bytes]]:
    current, previous = pod.instance.logs()
    files = [(f"{pod.name}.log", current[-MAX_LOG:])]
    if previous:
        files.append((f"{pod.name}.previous.log", previous[-MAX_LOG:]))
    return files


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
