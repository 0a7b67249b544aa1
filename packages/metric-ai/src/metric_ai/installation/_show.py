"""What the doctor says."""

from collections import Counter
from collections.abc import Sequence

from metric_ai.diagnosis import Diagnosis, State
from metric_ai.terminal import Cell, Format, Style, Terminal

_WORDS: dict[State, tuple[str, Style]] = {
    "ok": ("ok", "good"),
    "warning": ("warning", "doubt"),
    "error": ("error", "bad"),
    "unknown": ("unknown", "dim"),
}


def show(terminal: Terminal, found: Sequence[Diagnosis], form: Format) -> None:
    """Each finding with what to do about it below, and how many there are of each kind."""
    if form != "table":
        terminal.document([one.to_json() for one in found], form)
        return
    rows: list[tuple[Cell, Sequence[Cell]]] = []
    for one in found:
        rows.append((_WORDS[one.state], ((f"{one.about}: ", "bold"), one.text)))
        if one.advice:
            rows.append(("", (("to do: ", "head"), one.advice)))
    terminal.grid(rows)
    count = Counter(one.state for one in found)
    terminal.gap()
    said = f"{len(found)} things looked at: "
    if count["error"] or count["warning"]:
        said += f"{count['error']} to be mended, {count['warning']} to be thought about"
        terminal.note(said, "bad" if count["error"] else "doubt")
    else:
        terminal.note(f"{said}nothing is wrong", "good")
