"""One thing that was looked at in a running installation, and what came of it."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "error", "unknown"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found.

    Attributes:
        state: `unknown` where it could not be looked at, mostly for want of a right.
        about: what was looked at.
        text: what was found.
        advice: what to do about it; empty where nothing is to be done.
    """

    state: State
    about: str
    text: str
    advice: str = ""

    def to_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "state": self.state,
            "about": self.about,
            "found": self.text,
            "advice": self.advice,
        }
