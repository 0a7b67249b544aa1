"""One analysis in a process of its own, which prints what it took.

Usage: python -m bench._judge pair MEGABYTES | vote MEGABYTES | lines COUNT | line PIECE
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from canary_agent.analysis import Analysis, analyse
from canary_agent.collect import ContainerLog, Sample, Side
from canary_agent.judging import OFFLINE
from canary_agent.models import (
    INSTRUCTIONS,
    Bounds,
    Exchange,
    Outcome,
    PanelSettings,
    Purpose,
    Question,
    parts_of,
)
from canary_verdict import CanaryRequest

from ._logs import lines

_BLOCK = 40_000
_CANARY = 0.05


class Made:
    """A pair of logs made as they are read: the same blocks of lines again and again."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._stable, self._canary = (
            "".join(f"{line}\n" for line in lines(_BLOCK, seed)).encode() for seed in (1, 2)
        )

    def collect(self, request: CanaryRequest, cancelled: Callable[[], bool]) -> Sample:
        """See `Source.collect`."""
        del request, cancelled
        stable = _log("stable-1", self._stable, int(self._size * (1 - _CANARY)))
        return Sample(
            Side((stable,)), Side((_log("canary-1", self._canary, int(self._size * _CANARY)),))
        )


def _log(pod: str, block: bytes, size: int) -> ContainerLog:
    def read() -> Iterator[bytes]:
        left = size
        while left > 0:
            yield block[:left]
            left -= len(block)

    return ContainerLog(pod, "app", read)


def judge_pair(megabytes: float) -> dict[str, float]:
    """A stable log and a canary's of a twentieth of its size."""
    source = Made(int(megabytes * 1e6))
    began, cpu = time.perf_counter(), time.process_time()
    verdict = analyse(OFFLINE, source, lambda: False)
    return {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
        "lines": verdict.coverage.lines,
        "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


@dataclass
class Answering:
    """Three models that answer at once: what is left is ours."""

    settings: PanelSettings
    asked: Question | None = None

    def vote(self, question: Question, bounds: Bounds) -> tuple[Exchange, ...]:
        """See `Panel.vote`."""
        del bounds
        self.asked = question
        return tuple(_answer(name, parts_of(question)) for name in ("a:a", "b:b", "c:c"))

    def ask(
        self, instructions: str, text: str, output: type[Any], bounds: Bounds
    ) -> tuple[Any, Exchange]:
        """Nothing is excused here."""
        raise NotImplementedError


def _answer(name: str, prompt: tuple[str, ...]) -> Exchange:
    answer = {
        "verdict": "inconclusive",
        "confidence": 60.0,
        "analysis": "Two templates differ. " * 10,
        "rootCause": "A slow query.",
        "remediation": "Look at the query.",
        "cites": ["e1"],
    }
    return Exchange(
        purpose=Purpose.VOTE,
        voter=name,
        model=name,
        outcome=Outcome.ANSWERED,
        prompt=prompt,
        answer=answer,
    )


def judge_votes(megabytes: float) -> dict[str, float]:
    """What models add to the analysis of a pair, without their own time, and what they read."""
    panel = Answering(PanelSettings())
    analysis = Analysis(OFFLINE, Made(int(megabytes * 1e6)), lambda: False, panel=panel)
    analysis.look()
    took = []
    for _ in range(5):
        began = time.process_time()
        analysis.conclude()
        took.append(time.process_time() - began)
    sent = INSTRUCTIONS + "".join(parts_of(panel.asked)) if panel.asked else ""
    return {"milliseconds": sorted(took)[2] * 1000, "characters": len(sent)}


def read_content(content: bytes) -> dict[str, float]:
    """Reading alone: masks, counts, severities, durations."""
    from canary_agent.evidence.parse._observe import Parser  # noqa: PLC0415

    for _ in Parser().groups([content[:100_000]]):
        pass  # what is loaded and compiled once
    parser, began = Parser(), time.process_time()
    count = sum(group.count for groups in parser.groups([content]) for group in groups)
    return {"cpu": time.process_time() - began, "lines": count}


def main() -> None:
    what, argument = sys.argv[1:]
    if what == "pair":
        found = judge_pair(float(argument))
    elif what == "vote":
        found = judge_votes(float(argument))
    elif what == "lines":
        found = read_content("\n".join(lines(int(argument), 1)).encode())
    else:
        found = read_content((argument * ((1 << 20) // len(argument))).encode())
    print(json.dumps(found))


if __name__ == "__main__":
    main()
