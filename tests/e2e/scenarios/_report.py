"""The table of scenarios, in the terminal and in a file."""

from pathlib import Path

import pytest

from ._running import Outcome, Running

__all__ = ["Report"]

_SEEN = 300


class Report:
    """A plugin of pytest.

    Args:
        running: whose outcomes are shown.
        path: file for the table as Markdown.
    """

    def __init__(self, running: Running, path: Path) -> None:
        self._running = running
        self._path = path

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Shows the table, and writes it."""
        lines = ["| scenario | result | seconds | |", "| --- | --- | ---: | --- |"]
        lines += [_line(outcome) for outcome in self._running.ended()]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text("\n".join(lines) + "\n")
        terminalreporter.section("scenarios on the real controller")
        for line in lines:
            terminalreporter.write_line(line)


def _line(outcome: Outcome) -> str:
    result = "failed" if outcome.error else "passed"
    seen = " ".join(outcome.seen.split()).replace("|", "\\|")[:_SEEN]
    return f"| {outcome.scenario.title} | {result} | {outcome.seconds:.1f} | {seen} |"
