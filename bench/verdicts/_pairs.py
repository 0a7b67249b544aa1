"""Chooses pairs of stable and canary from recorded rounds, by seed."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ._faults import FAULTS
from ._recordings import RecordedPod, Round

PROMOTE, ROLLBACK, NOT_PROMOTE = "promote", "rollback", "not-promote"

_EVIDENT_LINES = 3
"""New error lines that make a fault evident."""
_LEAST_REQUESTS = 20
"""Fewer tell nothing of a fault that writes no line."""
_KUBERNETES_SHARE = 0.75
"""How many of the cases come with pod states and events."""

# Percent of the traffic, by the canary's level and the number of stable pods beside it.
_SHARES = {
    ("full", 1): 50,
    ("full", 4): 20,
    ("twins", 1): 50,
    ("twins", 4): 20,
    ("fifth", 4): 5,
    ("fifth", 1): 20,
    ("trickle", 4): 1,
    ("trickle", 1): 5,
}


@dataclass(frozen=True, slots=True)
class Pair:
    """One case to be: which pods of a round stand for stable and for the canary.

    Attributes:
        fault: empty for a healthy canary.
        share: the canary's nominal share of the traffic, in percent.
        evident: a person sees the fault at once: a hard state, or three or more new error lines.
        kubernetes: whether the case has pod states and events.
    """

    round: Round
    stable: Sequence[RecordedPod]
    canary: Sequence[RecordedPod]
    scenario: str
    fault: str
    share: int
    expected: str
    evident: bool
    kubernetes: bool

    @property
    def healthy(self) -> bool:
        """Whether the canary is no worse than stable."""
        return not self.fault


def choose_pairs(rounds: Sequence[Round], count: int, seed: int) -> list[Pair]:
    """`count` pairs, half of them healthy, as evenly from all programs as there are recordings.

    The same rounds, count and seed give the same pairs; fewer where there are not as many.
    """
    chance = random.Random(seed)
    healthy: dict[str, list[Pair]] = {}
    faulty: dict[str, list[Pair]] = {}
    for one in rounds:
        for pair in _pairs_of(one, chance):
            (healthy if pair.healthy else faulty).setdefault(one.program, []).append(pair)
    chosen = [
        *_evenly(healthy, count - count // 2, chance),
        *_evenly(faulty, count // 2, chance),
    ]
    return sorted(chosen, key=lambda pair: (pair.round.program, pair.round.number))


def _evenly(pools: dict[str, list[Pair]], count: int, chance: random.Random) -> list[Pair]:
    """Takes from all programs in turn, so that a program with many recordings does not outweigh one with few."""
    shuffled = {program: chance.sample(pool, len(pool)) for program, pool in sorted(pools.items())}
    chosen: list[Pair] = []
    while len(chosen) < count and any(shuffled.values()):
        for pool in shuffled.values():
            if pool and len(chosen) < count:
                chosen.append(pool.pop())
    return chosen


def _pairs_of(one: Round, chance: random.Random) -> Iterator[Pair]:
    stable = [pod for pod in one.pods if pod.group == "stable"]
    groups: dict[str, list[RecordedPod]] = {}
    for pod in one.pods:
        if pod.group != "stable":
            groups.setdefault(pod.group, []).append(pod)
    for canary in groups.values():
        yield from _beside(one, stable, canary, chance)
    for canary in _mixed(groups, chance):
        yield from _beside(one, stable, canary, chance)
    # Stable's own pods, told apart by nothing: the plainest healthy canary.
    shuffled = chance.sample(stable, len(stable))
    for first in range(0, len(shuffled) - 1, 2):
        yield _pair(one, shuffled[first : first + 1], shuffled[first + 1 : first + 2], 50, chance)


def _mixed(
    groups: dict[str, list[RecordedPod]], chance: random.Random
) -> Iterator[list[RecordedPod]]:
    """Canaries of which only one pod in two is bad, each with half of the canary's traffic."""
    twins = [pods for group, pods in groups.items() if group.endswith(".twins")]
    healthy = [pods for pods in twins if not pods[0].fault]
    if healthy:
        for pods in twins:
            if pods[0].fault:
                yield [pods[0], chance.choice(healthy)[0]]


def _beside(
    one: Round, stable: Sequence[RecordedPod], canary: Sequence[RecordedPod], chance: random.Random
) -> Iterator[Pair]:
    level = canary[0].facts["level"]
    for (name, pods), share in _SHARES.items():
        if name == level and len(stable) >= pods:
            pair = _pair(one, chance.sample(stable, pods), canary, share, chance)
            if pair.healthy or _shows(pair):
                yield pair


def _pair(
    one: Round,
    stable: Sequence[RecordedPod],
    canary: Sequence[RecordedPod],
    share: int,
    chance: random.Random,
) -> Pair:
    fault = canary[0].fault
    lines = _new_lines(one, stable, canary) if fault else 0
    hard = bool(fault) and any(pod.failed_hard for pod in canary)
    kubernetes = chance.random() < _KUBERNETES_SHARE or (hard and not lines)
    evident = (hard and kubernetes) or (lines >= _EVIDENT_LINES and FAULTS[fault].error)
    expected = PROMOTE if not fault else ROLLBACK if evident else NOT_PROMOTE
    scenario = str(canary[0].facts["scenario"])
    return Pair(one, stable, canary, scenario, fault, share, expected, evident, kubernetes)


def _new_lines(one: Round, stable: Sequence[RecordedPod], canary: Sequence[RecordedPod]) -> int:
    """Lines of the fault on the canary; 0 where stable writes the like."""
    sign = str(canary[0].facts["sign"])
    if not sign or _count(one, stable, sign):
        return 0
    return _count(one, canary, sign)


def _count(one: Round, pods: Sequence[RecordedPod], sign: str) -> int:
    pattern = re.compile(sign.encode(), re.MULTILINE)
    names = [f"{pod.name}{end}" for pod in pods for end in (".log", ".previous.log")]
    return sum(len(pattern.findall(one.logs.get(name, b""))) for name in names)


def _shows(pair: Pair) -> bool:
    """Whether a faulty canary shows its fault; a fault that nothing came near is none."""
    sign = str(pair.canary[0].facts["sign"])
    if sign:
        return _count(pair.round, pair.canary, sign) > 0
    if any(pod.failed_hard for pod in pair.canary):
        return True
    requests = sum(int(pod.facts["requests"]) for pod in pair.canary)
    return FAULTS[pair.fault].silent and requests >= _LEAST_REQUESTS
