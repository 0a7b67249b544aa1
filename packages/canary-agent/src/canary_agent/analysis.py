"""The agent's work without its servers: from a request and a source to a verdict."""

import re
from collections.abc import Callable

from canary_verdict import CanaryRequest, CanaryVerdict, Coverage, Verdict

from .collect import Side, Source

_ERROR = re.compile(
    rb"\b(?:ERROR|FATAL|CRITICAL|panic|Traceback)\b|HTTP/[0-9.]+\" 5\d\d|status[\"=: ]+5\d\d"
)


class AnalysisCancelled(Exception):  # noqa: N818 - not an error: somebody asked for it
    """The analysis was cancelled and has no verdict."""


def analyse(request: CanaryRequest, source: Source, cancelled: Callable[[], bool]) -> CanaryVerdict:
    """Compares the canary with stable and says whether it may be promoted.

    Args:
        request: what is asked, and the user's policy.
        source: where logs, pods and events come from.
        cancelled: asked often; once it says True the analysis ends.

    Raises:
        AnalysisCancelled: `cancelled` said so.
        CollectError: the source could not be read at all, or a selector is malformed.
    """
    sample = source.collect(request, cancelled)
    counts = []
    for side in (sample.stable, sample.canary):
        counts.append(_count(side, cancelled))
    (stable_errors, stable_lines), (canary_errors, canary_lines) = counts
    verdict = Verdict.PROMOTE
    if min(stable_lines, canary_lines) < 20:
        verdict = Verdict.INCONCLUSIVE
    elif canary_errors * stable_lines > 2 * stable_errors * canary_lines and canary_errors > 2:
        verdict = Verdict.ROLLBACK
    return CanaryVerdict(
        run_uid=request.run.uid,
        verdict=verdict,
        confidence=90.0 if verdict is not Verdict.INCONCLUSIVE else 0.0,
        analysis=f"{canary_errors} of {canary_lines} canary lines and {stable_errors} of {stable_lines} stable lines are errors.",
        coverage=Coverage(
            pods=len(sample.stable.pod_names | sample.canary.pod_names),
            containers=len(sample.stable.logs) + len(sample.canary.logs),
            lines=stable_lines + canary_lines,
            gaps=tuple(gap.text for gap in sample.gaps),
        ),
    )


def _count(side: Side, cancelled: Callable[[], bool]) -> tuple[int, int]:
    errors = lines = 0
    for log in side.logs:
        for line in b"".join(log.read()).splitlines():
            lines += 1
            errors += bool(_ERROR.search(line))
            if not lines % 1000 and cancelled():
                raise AnalysisCancelled
    return errors, lines
