"""What is usual: warnings and errors that stable shows no trace of now, but an earlier, healthy time does.

A template of a warning or worse counts as usual where the baseline has it, and the canary writes it no more
often for its work than the baseline did: the conditional binomial test of `_rate` does not speak against it
(p of 0.1 and more), and the rate is less than twice the baseline's. Only what stable lacks is asked about:
where stable has a line, stable is the better measure.

Usual lines are left out of every count, as the policy's accepted ones are; crashes and the states of pods are
never theirs to take away.

Worked example: `ERROR nightly export failed` stands 4 times among the baseline's 8,000 comparable records, and
2 times among the canary's 3,000: 0.67 for a thousand against 0.5, and of 6 occurrences the canary has 2 or more
with probability 0.52. It is usual. With 12 on the canary (4 for a thousand, p = 0.0001) it is not.
"""

from ._exposure import exposure
from ._rate import rate_p
from ._table import SideTable
from .parse import Severity

_P = 0.1
_RATIO = 2.0


def usual_keys(
    baseline: SideTable, stable: SideTable, canary: SideTable
) -> set[tuple[str, Severity]]:
    """Keys of the canary's templates that the baseline excuses; none without a baseline."""
    shared = exposure(baseline, canary) if baseline.lines else None
    if shared is None:
        return set()
    asked = {
        key: (baseline.templates[key].count, counted.count)
        for key, counted in canary.templates.items()
        if key[1] >= Severity.WARN and key in baseline.templates and key not in stable.templates
    }
    was, now = [pair[0] for pair in asked.values()], [pair[1] for pair in asked.values()]
    p_values = rate_p(was, now, shared.share, tolerance=1)
    return {
        key
        for (key, pair), p in zip(asked.items(), p_values, strict=True)
        if p >= _P and (shared.ratio(*pair) or 0.0) < _RATIO
    }
