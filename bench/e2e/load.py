"""200 AnalysisRuns at once, whose agent takes 20 s, and one more whose agent answers at once."""

from collections.abc import Sequence

from bench._figures import Findings, percentile

from ._case import Case, figure, side_by_side
from ._stage import Stage, Subject
from ._volley import BURST, CALLS, Played, Volley

_SECONDS = 20.0
_VOLLEY = Volley([_SECONDS], [_SECONDS] * 200, extra=True)


def _extra(played: Played) -> float:
    return played.extra or 0.0


def measure(stage: Stage, subjects: Sequence[Subject]) -> Findings:
    """Plays it with each plugin."""
    column, notes = side_by_side(stage, subjects, _VOLLEY)
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
    notes += [f"{subject.name}: {_least(played)}" for subject, played in column]
    return Findings(figures, notes)


def _least(played: Played) -> str:
    """The controller's own limit, which no plugin can get below."""
    first = len(played.runs) + 1  # patches that must have been let through
    least = max(0.0, (first - BURST) / CALLS - played.created)
    return (
        f"200 created within {played.created:.1f} s; the controller's client lets {CALLS:g} status patches a second "
        f"through after {BURST:g} (--qps, --burst), so that the one created last waits {least:.1f} s at least"
    )


CASE = Case("load", "200 at once, an agent that takes 20 s, one that answers at once", measure)
