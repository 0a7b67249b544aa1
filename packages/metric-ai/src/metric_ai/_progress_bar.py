"""The progress bar: apart, since rich's takes 60 ms to import."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

from .terminal import plain

_STEPS = 1000


class _Bar:
    def __init__(self, progress: RichProgress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def step(self, text: str, done: float | None = None) -> None:
        """See `terminal.Progress.step`."""
        total = None if done is None else _STEPS
        completed = None if done is None else _STEPS * min(1.0, max(0.0, done))
        self._progress.update(self._task, description=plain(text), total=total, completed=completed)


@contextmanager
def progress_bar(console: Console, text: str) -> Iterator[_Bar]:
    """A bar that disappears at the end."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
    )
    with RichProgress(*columns, console=console, transient=True) as progress:
        yield _Bar(progress, progress.add_task(plain(text), total=None))
