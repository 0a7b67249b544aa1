"""A measurement as people and programs read it."""

from datetime import datetime

from argo_rollouts_plugin.v1alpha1 import AnalysisPhase, AnalysisRun, Measurement
from metric_ai.exits import Exit
from metric_ai.measurements import PHASES, show_metadata
from metric_ai.terminal import Format, Terminal

_CODES = {
    AnalysisPhase.SUCCESSFUL: Exit.OK,
    AnalysisPhase.FAILED: Exit.NEGATIVE,
    AnalysisPhase.INCONCLUSIVE: Exit.INCONCLUSIVE,
}


def show_measurement(
    terminal: Terminal, run: AnalysisRun, found: Measurement, form: Format
) -> Exit:
    """Writes the measurement; returns the exit code that says as much."""
    if form == "table":
        phase = found.phase.value
        terminal.line((phase, PHASES.get(phase, "bad")), f"  {found.message}")
        if found.value:
            terminal.fields([("value", found.value)])
        terminal.gap()
        show_metadata(terminal, found.metadata, run.metadata.uid)
    else:
        terminal.document(_json(found), form)
    return _CODES.get(found.phase, Exit.ERROR)


def _json(found: Measurement) -> dict[str, object]:
    document: dict[str, object] = {
        "phase": found.phase.value,
        "message": found.message,
        "value": found.value,
        "startedAt": _time(found.started_at),
        "finishedAt": _time(found.finished_at),
        "metadata": dict(found.metadata),
    }
    return {name: value for name, value in document.items() if value}


def _time(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
