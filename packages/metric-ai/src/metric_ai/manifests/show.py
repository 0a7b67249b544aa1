"""How findings are shown."""

from metric_ai.terminal import Format, Style, Terminal

from .check import Checked

_STYLES: dict[str, Style] = {"error": "bad", "warning": "doubt"}


def show(terminal: Terminal, checked: Checked, files: int, form: Format) -> None:
    """The findings, one a line in pipes, and how much was looked at."""
    if form != "table":
        findings = [one.to_json() for one in checked.findings]
        terminal.document({"objects": checked.objects, "findings": findings}, form)
        return
    for one in checked.findings:
        about = f"{one.about}: " if one.about else ""
        terminal.line(
            (f"{one.place}: ", "bold"), (f"{one.level}: ", _STYLES[one.level]), about, one.text
        )
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


def _count(number: int, word: str) -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")
