"""What a case is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench._figures import Beside, Figure, Findings

from ._stage import Stage, Subject
from ._volley import Played

__all__ = ["Case", "Column", "figure"]

Column = Sequence[tuple[Subject, Played]]
"""What each plugin has done, ours first."""


@dataclass(frozen=True, slots=True)
class Case:
    """One load: its name on the command line, a line on it, and what measures."""

    name: str
    summary: str
    measure: Callable[[Stage, Sequence[Subject]], Findings]


def figure(
    what: str, unit: str, column: Column, of: Callable[[Played], float], **target: float
) -> Figure:
    """One thing of all plugins; `target` is one of Figure's."""
    (_, ours), *others = column
    beside = [Beside(subject.name, [of(played)]) for subject, played in others]
    return Figure(what, unit, [of(ours)], beside, **target)
