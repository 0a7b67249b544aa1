"""How findings are shown: as compilers do in pipes, so that editors can jump to them."""

from collections.abc import Sequence
from itertools import groupby

from metric_ai.terminal import Cell, Format, Style, Terminal

from ._findings import Finding
from .check import Checked

_STYLES: dict[str, Style] = {"error": "bad", "warning": "doubt"}


def show(terminal: Terminal, checked: Checked, files: int, form: Format) -> None:
    """The findings, one a line in pipes, and how much was looked at."""
    if form != "table":
        findings = [one.to_json() for one in checked.findings]
        terminal.document({"objects": checked.objects, "findings": findings}, form)
        return
    if terminal.interactive:
        _show_by_object(terminal, checked.findings)
    else:
        for one in checked.findings:
            about = f"{one.about}: " if one.about else ""
            terminal.line(f"{one.place}: {one.level}: {about}{one.text}")
    errors = sum(one.level == "error" for one in checked.findings)
    warnings = len(checked.findings) - errors
    looked = f"{_count(checked.objects, 'object')} in {_count(files, 'file')}"
    if not checked.objects and not checked.findings:
        terminal.note(f"nothing to check: no object of ours in {_count(files, 'file')}", "doubt")
    elif checked.findings:
        said = f"{_count(errors, 'error')}, {_count(warnings, 'warning')} in {looked}"
        terminal.note(said, "bad" if errors else "doubt")
    else:
        terminal.note(f"{looked}: nothing is wrong", "good")


def _show_by_object(terminal: Terminal, findings: Sequence[Finding]) -> None:
    for (about, _), group in groupby(findings, key=lambda one: (one.about, one.file)):
        if about:
            terminal.line((about, "head"))
        rows: list[tuple[Cell, Sequence[Cell]]] = [
            ((one.place, "bold"), ((f"{one.level}: ", _STYLES[one.level]), one.text))
            for one in group
        ]
        terminal.grid(rows)
        terminal.gap()


def _count(number: int, word: str) -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")
