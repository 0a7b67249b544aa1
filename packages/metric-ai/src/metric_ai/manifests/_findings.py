"""What a check has found."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in one document.

    Attributes:
        path: of the field, from the document's top.
        text: what was found, what is expected, what to do.
    """

    path: tuple[str | int, ...]
    text: str
    level: Level = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem with its place.

    Attributes:
        line: in the file, 1 is the first; 0 where it is about no line.
        about: the object, as `AnalysisTemplate logs`.
    """

    file: str
    line: int
    level: Level
    about: str
    text: str

    @property
    def place(self) -> str:
        """As compilers say it, so that editors can jump there."""
        return f"{self.file}:{self.line}" if self.line else self.file

    def to_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "file": self.file,
            "line": self.line,
            "level": self.level,
            "object": self.about,
            "message": self.text,
        }
