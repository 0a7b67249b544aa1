"""How far it is, on stderr: one line that moves on a terminal, a line now and then in a pipe."""

import sys
from collections.abc import Callable

_LINES = 10


def progress_on_stderr(what: str) -> Callable[[int, int], None]:
    """A function to be called with the number of things done and of all."""
    moving = sys.stderr.isatty()

    def show(done: int, of: int) -> None:
        text = f"{what}: {done} of {of}"
        if moving:
            sys.stderr.write(f"\r{text}" + ("\n" if done == of else ""))
        elif done == of or done % max(1, of // _LINES) == 0:
            sys.stderr.write(text + "\n")
        sys.stderr.flush()

    return show
