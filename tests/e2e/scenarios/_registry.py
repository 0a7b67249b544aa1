"""The list of scenarios."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._stage import Stage

__all__ = ["SCENARIOS", "Scenario", "scenario"]

Play = Callable[["Stage"], str | None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario.

    Attributes:
        title: as the table shows it.
        play: what happens; raises AssertionError where it should not have. What it gives back is shown
            in the table.
        alone: whether it ends processes that others need, so that it waits for them.
        here: whether it needs a control plane of this machine's processes.
        outlasts: whether those need not wait for it: it takes long, and survives them.
    """

    name: str
    title: str
    play: Play
    alone: bool = False
    outlasts: bool = False
    here: bool = False


SCENARIOS: dict[str, Scenario] = {}
"""By name, in the order in which the modules were imported."""


def scenario(
    title: str, *, alone: bool = False, outlasts: bool = False, here: bool = False
) -> Callable[[Play], Play]:
    """Adds the function to the list, by its name."""

    def add(play: Play) -> Play:
        SCENARIOS[play.__name__] = Scenario(play.__name__, title, play, alone, outlasts, here)
        return play

    return add
