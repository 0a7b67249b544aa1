"""200 AnalysisRuns at once, whose agent takes 20 s, and one more whose agent answers at once."""

from collections.abc import Sequence

from bench._figures import Findings, percentile

from ._case import Case, Column, figure
from ._stage import Stage, Subject
from ._volley import Played, Volley, play

_SECONDS = 20.0
_VOLLEY = Volley([_SECONDS], [_SECONDS] * 200, extra=True)


def _extra(played: Played) -> float:
    return played.extra or 0.0


def measure(stage: Stage, subjects: Sequence[Subject]) -> Findings:
    """Plays it with each plugin."""
    column: Column = [(subject, play(stage, subject, _VOLLEY)) for subject in subjects]
    figures = [
        figure("all done after", "s", column, lambda one: one.all_done, at_most=26.0),
        figure("the one created last is done after", "s", column, _extra, at_most=0.6),
        figure("status patches a run", "", column, lambda one: one.patches, at_most=3.0),
        figure(
            "submissions a run, most", "", column, lambda one: max(one.submissions), at_most=1.0
        ),
        figure("verdict to end of run, p50", "s", column, lambda one: percentile(one.late, 0.5)),
        figure("  p95", "s", column, lambda one: percentile(one.late, 0.95)),
        figure("RSS idle", "MB", column, lambda one: one.idle.resident, at_most_ratio=1.0),
        figure("  most", "MB", column, lambda one: one.plugin.most, at_most_ratio=1.0),
        figure("CPU of the plugin a run", "ms", column, lambda one: one.cpu_ms, at_most_ratio=1.5),
        figure("CPU of the controller a run", "ms", column, lambda one: one.controller_ms),
    ]
    created = ", ".join(f"{subject.name} {played.created:.1f} s" for subject, played in column)
    return Findings(figures, [f"the 200 were created within: {created}"])


CASE = Case("load", "200 at once, an agent that takes 20 s, one that answers at once", measure)
