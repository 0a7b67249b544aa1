"""What is shown: colours and tables on a terminal, plain lines in a pipe, JSON and YAML for programs.

All text that is shown goes through here, and nothing of it is ever obeyed: pods, log lines, labels and
agents' answers are written by others. Control sequences, direction marks and what else cannot be seen are taken
out, and rich's own mark-up is off.
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, Protocol, TextIO, TypeAlias

from canary_verdict.redaction import visible

if TYPE_CHECKING:
    from rich.console import Console

Style = Literal["", "good", "bad", "doubt", "dim", "bold", "head"]
Cell: TypeAlias = str | tuple[str, Style]
Format = Literal["table", "json", "yaml"]

_STYLES: Mapping[Style, str] = {
    "good": "bold green",
    "bad": "bold red",
    "doubt": "bold yellow",
    "dim": "dim",
    "bold": "bold",
    "head": "bold cyan",
}
_MOST = 20_000
_NARROWEST = 40
# JSON's own escapes leave these as they are.
_UNSEEN = re.compile("[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def plain(text: str, most: int = _MOST) -> str:
    """`text` as one line that a terminal only shows."""
    return " ".join(visible(text, most).split())


def text_of(cell: Cell) -> str:
    """The cell's text without its style, as one line."""
    return plain(cell if isinstance(cell, str) else cell[0])


class Progress(Protocol):
    """A line that says what is being done."""

    def step(self, text: str, done: float | None = None) -> None:
        """What is being done now; `done` from 0 to 1 where that is known."""


class _Silent:
    def step(self, text: str, done: float | None = None) -> None:
        del text, done


class Terminal:
    """Where a command writes.

    Args:
        out: for results.
        err: for progress and what goes beside results.
        environment: TERM=dumb makes a terminal a plain one; NO_COLOR is rich's to read.
    """

    def __init__(
        self,
        out: TextIO | None = None,
        err: TextIO | None = None,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        dumb = environment.get("TERM") == "dumb"
        self.interactive = self._out.isatty() and not dumb
        self._live = self._err.isatty() and not dumb
        self._rich: Console | None = None
        self._rich_err: Console | None = None

    def line(self, *cells: Cell, indent: int = 0) -> None:
        """One line of pieces; on a terminal it is folded where it is too long, below its own indent."""
        if not self.interactive:
            self._write(" " * indent + "".join(_piece(cell) for cell in cells).rstrip())
            return
        from rich.padding import Padding  # noqa: PLC0415 - as in `_console`

        self._console().print(Padding(_rich_text(cells), (0, 0, 0, indent)))

    def gap(self) -> None:
        """An empty line, on a terminal only."""
        if self.interactive:
            self._write("")

    def fields(self, rows: Iterable[tuple[str, Cell]]) -> None:
        """Names and values below each other; rows without a value are left out."""
        self.grid([((name, "head"), (value,)) for name, value in rows if text_of(value)])

    def grid(self, rows: Sequence[tuple[Cell, Sequence[Cell]]]) -> None:
        """Labels, all of one width, and beside each its text, which is folded within its own column."""
        width = max((len(text_of(label)) for label, _ in rows), default=0)
        if not self.interactive:
            for label, pieces in rows:
                self.line(f"{text_of(label):<{width}}  ", *pieces)
            return
        from rich.table import Table  # noqa: PLC0415 - as in `_console`

        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(width=width, no_wrap=True)
        grid.add_column(overflow="fold")
        for label, pieces in rows:
            grid.add_row(_rich_text([label]), _rich_text(pieces))
        self._console().print(grid)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        """A table; names of columns that begin with `>` stand for columns of numbers, on the right."""
        if self.interactive:
            self._rich_table(columns, rows)
            return
        names = [name.lstrip(">").upper() for name in columns]
        lines = [names, *([text_of(cell) for cell in row] for row in rows)]
        widths = [max(len(line[place]) for line in lines) for place in range(len(names))]
        for line in lines:
            padded = (text.ljust(width) for text, width in zip(line, widths, strict=True))
            self._write("  ".join(padded).rstrip())

    def document(self, value: object, form: Format) -> None:
        """A value for programs: JSON types only."""
        if form == "yaml":
            import yaml  # noqa: PLC0415 - only where it is asked for

            text = yaml.safe_dump(_cleaned(value), sort_keys=False, allow_unicode=True, width=100)
        else:
            text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        self._out.write(_UNSEEN.sub(_escape, text))
        self._out.flush()

    def note(self, text: str, style: Style = "dim") -> None:
        """One line beside the results, on stderr."""
        if self._live:
            self._error_console().print(_rich_text([(text, style)]))
        else:
            self._err.write(plain(text) + "\n")
            self._err.flush()

    @contextmanager
    def progress(self, text: str) -> Iterator[Progress]:
        """A progress bar on stderr for as long as it lasts; silent where stderr is no terminal."""
        if not self._live:
            yield _Silent()
            return
        from metric_ai._progress_bar import progress_bar  # noqa: PLC0415 - as in `_console`

        with progress_bar(self._error_console(), text) as bar:
            yield bar

    def _write(self, text: str) -> None:
        self._out.write(text + "\n")
        self._out.flush()

    def _console(self) -> "Console":
        if self._rich is None:
            self._rich = _console(self._out)
        return self._rich

    def _error_console(self) -> "Console":
        # One for all: it moves lines above the progress bar.
        if self._rich_err is None:
            self._rich_err = _console(self._err)
        return self._rich_err

    def _rich_table(self, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - as in `_console`
        from rich.table import Table  # noqa: PLC0415 - as in `_console`

        table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold cyan")
        for name in columns:
            right = name.startswith(">")
            table.add_column(
                name.lstrip(">"), justify="right" if right else "left", overflow="fold"
            )
        for row in rows:
            table.add_row(*(_rich_text([cell]) for cell in row))
        self._console().print(table)


def _console(stream: TextIO) -> "Console":
    # Imported late: it takes longer than all else that --help and pipes need.
    from rich.console import Console  # noqa: PLC0415

    width = max(_NARROWEST, shutil.get_terminal_size().columns)
    return Console(
        file=stream, markup=False, highlight=False, emoji=False, width=width, soft_wrap=False
    )


def _rich_text(cells: Iterable[Cell]) -> "Text":
    from rich.text import Text  # noqa: PLC0415 - as in `_console`

    text = Text()
    for cell in cells:
        style = "" if isinstance(cell, str) else cell[1]
        text.append(_piece(cell), style=_STYLES.get(style, ""))
    return text


def _piece(cell: Cell) -> str:
    """As `text_of`, with the blanks that part it from the next piece."""
    text = visible(cell if isinstance(cell, str) else cell[0], _MOST)
    return re.sub(r"[\n\t\r]+", " ", text)


def _cleaned(value: object) -> object:
    match value:
        case str():
            return visible(value, _MOST)
        case Mapping():
            return {visible(str(name), _MOST): _cleaned(item) for name, item in value.items()}
        case list() | tuple():
            return [_cleaned(item) for item in value]
        case _:
            return value


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


if TYPE_CHECKING:
    from rich.text import Text
