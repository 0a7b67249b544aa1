"""Why the demo could not be run; a verdict that is not the expected one is no such error."""

from pathlib import Path

__all__ = ["DemoError", "tail_of"]

_TAIL_BYTES = 4096
_TAIL_LINES = 15


class DemoError(Exception):
    """A part did not do its work; the message says which, and shows the end of its log."""


def tail_of(log: Path) -> str:
    """The last lines of a log file, indented, for the end of an error message."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - _TAIL_BYTES))
            text = file.read(_TAIL_BYTES).decode(errors="replace")
    except OSError as error:
        return f"  (its log {log} cannot be read: {error.strerror})"
    lines = text.splitlines()[-_TAIL_LINES:]
    if not lines:
        return f"  (its log {log} is empty)"
    return "\n".join(["  the end of its log:", *(f"    {line}" for line in lines)])
