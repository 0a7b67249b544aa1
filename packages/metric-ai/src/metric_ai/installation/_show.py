"""What the doctor says."""

from collections.abc import Sequence

from metric_ai.diagnosis import Diagnosis, State
from metric_ai.terminal import Format, Style, Terminal

_WORDS: dict[State, tuple[str, Style]] = {
    "ok": ("ok", "good"),
    "warning": ("warning", "doubt"),
    "error": ("error", "bad"),
    "unknown": ("unknown", "dim"),
}
_WIDTH = 9


def show(terminal: Terminal, found: Sequence[Diagnosis], form: Format) -> None:
    """Each finding with what to do about it below, and how many there are of each kind."""
    if form != "table":
        terminal.document([one.to_json() for one in found], form)
        return
    for one in found:
        word, style = _WORDS[one.state]
        terminal.line((word.ljust(_WIDTH), style), (f"{one.about}: ", "bold"), one.text)
        if one.advice:
            terminal.line(("to do: ", "head"), one.advice, indent=_WIDTH)
    errors = sum(one.state == "error" for one in found)
    warnings = sum(one.state == "warning" for one in found)
    terminal.gap()
    if errors or warnings:
        said = f"{errors} to be mended, {warnings} to be looked at, {len(found)} looked at in all"
        terminal.note(said, "bad" if errors else "doubt")
    else:
        terminal.note(f"{len(found)} looked at: nothing is wrong", "good")
