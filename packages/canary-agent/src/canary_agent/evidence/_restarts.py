"""Restarts that only the logs tell of, where no pod states are known.

The log of a container's last instance is there because that instance has ended. Whether by its own fault, its
exit code would say. Without it, a restart stops a promotion; where the canary also writes an error that
stable never shows, in a log of a few lines or as the last thing of the instance that ended, it has ended by that.
"""

from collections.abc import Iterator

from canary_agent.collect import Side

from ._finding import Finding, Kind
from ._hard import RESTARTS
from ._table import SampleLine, SideTable
from .parse import Severity


def restart_findings(
    stable: Side, canary: Side, stable_table: SideTable, canary_table: SideTable
) -> Iterator[Finding]:
    """At most one: containers of the canary that have an earlier log, more of them a pod than stable's."""
    if canary.pods:
        return  # the pods' states say more
    was, now = (
        len({(log.pod, log.container) for log in side.logs if log.previous})
        for side in (stable, canary)
    )
    if not now or now * len(stable.pod_names) <= was * len(canary.pod_names):
        return
    error = _new_error(stable_table, canary_table)
    yield Finding(
        kind=Kind.HARD if error else Kind.STATE,
        name=RESTARTS,
        what="containers of the canary have ended and started again"
        + (", with an error that stable does not show" if error else ""),
        stable=was,
        canary=now,
        is_error=True,
        canary_sample=error,
    )


def _new_error(stable: SideTable, canary: SideTable) -> SampleLine | None:
    known = {one.template.site for one in stable.templates.values()}
    new = [
        one
        for one in canary.templates.values()
        if one.template.severity >= Severity.ERROR and one.template.site not in known
    ]
    gravest = min(new, key=lambda one: (-one.template.severity, one.template.text), default=None)
    return gravest.sample if gravest else None
