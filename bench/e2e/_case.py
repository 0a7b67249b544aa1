"""What a case is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench._figures import Beside, Figure, Findings

from ._errors import BenchError
from ._stage import Stage, Subject
from ._volley import Played, Volley, play

__all__ = ["Case", "Column", "figure", "side_by_side"]

Column = Sequence[tuple[Subject, Played]]
"""What each plugin has done, ours first."""


@dataclass(frozen=True, slots=True)
class Case:
    """One load: its name on the command line, a line on it, and what measures."""

    name: str
    summary: str
    measure: Callable[[Stage, Sequence[Subject]], Findings]


def side_by_side(
    stage: Stage, subjects: Sequence[Subject], volley: Volley
) -> tuple[Column, list[str]]:
    """The volley with each plugin, and a note on each that did not stand it.

    Raises:
        BenchError: ours, the first, did not.
    """
    ours, *others = subjects
    column, notes = [(ours, play(stage, ours, volley))], []
    for subject in others:
        try:
            column.append((subject, play(stage, subject, volley)))
        except BenchError as error:
            notes.append(f"{subject.name}: no figures: {error}")
    return column, notes


def figure(
    what: str, unit: str, column: Column, of: Callable[[Played], float], **target: float
) -> Figure:
    """One thing of all plugins; `target` is one of Figure's."""
    (_, ours), *others = column
    beside = [Beside(subject.name, [of(played)]) for subject, played in others]
    return Figure(what, unit, [of(ours)], beside, **target)
