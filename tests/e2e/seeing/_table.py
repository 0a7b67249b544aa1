"""The tables of docs/where-to-look.md."""

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Cell", "cells", "commands"]

_PAGE = Path(__file__).resolve().parents[3] / "docs" / "where-to-look.md"
_BAR = re.compile(r"(?<!\\)\|")
_ANYTHING = "…"


@dataclass(frozen=True, slots=True)
class Cell:
    """What a person sees of a happening in a place.

    Attributes:
        happening, place: of its row and column.
        text: as the page has it.
    """

    happening: str
    place: str
    text: str

    @property
    def is_empty(self) -> bool:
        """Whether it says that there is nothing."""
        return self.text.startswith("nothing")

    @property
    def words(self) -> list[str]:
        """What it quotes."""
        return [one.replace("\\|", "|") for one in re.findall(r"`([^`]+)`", self.text)]

    def missing(self, seen: str) -> list[str]:
        """Those of its words that are not in a text; `…` in them stands for anything."""
        plain = " ".join(seen.split())
        return [one for one in self.words if not re.search(_pattern(one), plain)]


def cells() -> list[Cell]:
    """All cells of the table of happenings but its first column."""
    (head, *rows) = _rows("what happens")
    return [
        Cell(row[0], place, text)
        for row in rows
        for place, text in zip(head[1:], row[1:], strict=True)
    ]


def commands() -> dict[str, str]:
    """The command that the table of places quotes first, by place."""
    (_, *rows) = _rows("place")
    quoted = {row[0]: re.findall(r"`([^`]+)`", row[1]) for row in rows}
    return {place: words[0].replace("\\|", "|") for place, words in quoted.items()}


def _rows(first: str) -> list[list[str]]:
    """The rows of the table whose first column has that title, its head first."""
    found: list[list[str]] = []
    for line in _PAGE.read_text().splitlines():
        row = [one.strip() for one in _BAR.split(line)[1:-1]]
        if row and (found or row[0] == first):
            found.append(row)
        elif found:
            break
    if len(found) < 3:
        raise ValueError(f"{_PAGE}: found no table whose first column is {first!r}")
    return [found[0], *found[2:]]


def _pattern(words: str) -> str:
    return ".*?".join(re.escape(part) for part in words.split(_ANYTHING))
