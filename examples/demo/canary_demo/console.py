"""What the demo says on the terminal: plain lines in a pipe, colours and a live line on a TTY."""

import os
import shutil
import sys
import threading
import time
from collections.abc import Mapping
from typing import Final, TextIO

__all__ = ["Console", "cut", "neutral"]

_COLOURS: Final = {"green": "32", "red": "31", "yellow": "33", "bold": "1", "dim": "2"}
_ELAPSED_WIDTH: Final = 10  # "  0.0 s  " and a column that stays free
_CLEAR_LINE: Final = "\r\x1b[K"


def neutral(text: str, limit: int = 2000) -> str:
    r"""`text` from elsewhere as one line that a terminal only shows, never obeys.

    Characters that are not printable (control, bidirectional, zero-width, line breaks) appear as
    escapes such as `\x1b`; what is longer than `limit` characters is cut.
    """
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode()
        for char in cut(text, limit)
    )


def cut(text: str, width: int) -> str:
    """`text` with at most `width` characters, 1 or more; the mark of a cut is one of them."""
    return text if len(text) <= width else f"{text[: width - 1]}…"


class Console:
    """Writes lines, and one live line below them where the stream is a terminal.

    Args:
        stream: where to write.
        environment: NO_COLOR (any value that is not empty) turns colours off, TERM=dumb the live
            line too, COLUMNS sets the width.
    """

    def __init__(
        self, stream: TextIO = sys.stdout, environment: Mapping[str, str] = os.environ
    ) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self.live = stream.isatty() and environment.get("TERM") != "dumb"
        self.coloured = self.live and not environment.get("NO_COLOR")
        self.width = max(60, shutil.get_terminal_size((100, 24)).columns)
        self._status = ""

    def line(self, text: str = "") -> None:
        """Writes a whole line; the live line moves below it."""
        with self._lock:
            self._stream.write(f"{_CLEAR_LINE if self._status else ''}{text}\n")
            self._draw()

    def step(self, text: str) -> None:
        """Writes a line with the seconds since the start."""
        self.line(f"{self.painted(f'{time.monotonic() - self._began:5.1f} s', 'dim')}  {text}")

    def status(self, text: str) -> None:
        """Replaces the live line; without a terminal it says nothing."""
        if not self.live:
            return
        with self._lock:
            self._stream.write(_CLEAR_LINE)
            self._status = cut(text, self.width - _ELAPSED_WIDTH)
            self._draw()

    def painted(self, text: str, colour: str) -> str:
        """`text` in a colour, where there are colours."""
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if self.coloured and colour else text

    def _draw(self) -> None:
        if self._status:
            elapsed = f"{time.monotonic() - self._began:5.1f} s"
            self._stream.write(f"{self.painted(elapsed, 'dim')}  {self._status}")
        self._stream.flush()
