"""What an analysis costs: seconds by step, and counts. They come home from its child process beside the verdict.

They are no part of the verdict, which is the same for the same sample. Whoever works calls `step` and `count`,
and need not know whether anybody listens.
"""

import contextlib
import json
import math
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_STEPS = 200
"""Steps of one analysis that are told one by one; of further ones the seconds are counted all the same."""
MOST_COUNTS = 50
_LONGEST_NAME = 100
_MOST = 1e15


@dataclass(frozen=True, slots=True)
class Step:
    """One stretch of work; `began` in seconds since the epoch, `detail` such as a model's name."""

    name: str
    began: float
    seconds: float
    detail: str = ""


@dataclass(slots=True)
class Figures:
    """What has been told so far."""

    steps: list[Step] = field(default_factory=list)
    counts: dict[str, float] = field(default_factory=dict)

    def to_text(self) -> str:
        """As JSON, for the way home."""
        steps = [[one.name, one.began, one.seconds, one.detail] for one in self.steps]
        return json.dumps({"steps": steps, "counts": self.counts})


_lock = threading.Lock()
_figures = Figures()


@contextlib.contextmanager
def step(name: str, detail: str = "") -> Iterator[None]:
    """Tells how long the block took, however it ended."""
    began, start = time.time(), time.monotonic()
    try:
        yield
    finally:
        done = Step(name, began, time.monotonic() - start, detail)
        with _lock:
            if len(_figures.steps) < MOST_STEPS:
                _figures.steps.append(done)


def count(name: str, amount: float = 1.0) -> None:
    """Adds to a count."""
    with _lock:
        if name in _figures.counts or len(_figures.counts) < MOST_COUNTS:
            _figures.counts[name] = _figures.counts.get(name, 0.0) + amount


def begin() -> None:
    """Forgets all that was told, for a new analysis."""
    global _figures  # noqa: PLW0603 - one child process, one analysis
    with _lock:
        _figures = Figures()


def told() -> str:
    """All that was told since `begin`, as JSON text."""
    with _lock:
        return _figures.to_text()


def read(text: str) -> Figures:
    """The figures that a child sent, which reads foreign logs: what is none is left out, without an error."""
    figures = Figures()
    with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError, RecursionError):
        document = json.loads(text)
        for name, amount in list(document["counts"].items())[:MOST_COUNTS]:
            figures.counts[str(name)[:_LONGEST_NAME]] = _bounded(amount)
        for name, began, seconds, detail in document["steps"][:MOST_STEPS]:
            figures.steps.append(
                Step(
                    str(name)[:_LONGEST_NAME],
                    _bounded(began),
                    _bounded(seconds),
                    str(detail)[:_LONGEST_NAME],
                )
            )
    return figures


def _bounded(value: object) -> float:
    number = float(value) if isinstance(value, int | float) else 0.0
    return min(max(number, 0.0), _MOST) if math.isfinite(number) else 0.0
