"""Restarts that only the logs tell of, where no pod states are known.

The log of a container's last instance is there because that instance has ended. Whether by its own fault, its
exit code would say. Without it, a restart stops a promotion; where the last lines of an instance of the canary
that ended hold an error that stable never shows, it has ended by that.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from canary_agent.collect import ContainerLog, Side

from ._finding import Finding, Kind
from ._hard import RESTARTS
from ._table import SampleLine, SideTable
from .parse import Severity

if TYPE_CHECKING:
    from .parse._observe import Parser

_LAST_BYTES = 8192


def restart_findings(
    stable: Side,
    canary: Side,
    stable_table: SideTable,
    canary_table: SideTable,
    parser: "Parser",
) -> Iterator[Finding]:
    """At most one: containers of the canary that have an earlier log, more of them a pod than stable's."""
    if canary.pods:
        return  # the pods' states say more
    ended = [[log for log in side.logs if log.previous] for side in (stable, canary)]
    was, now = (len({(log.pod, log.container) for log in logs}) for logs in ended)
    if not now or now * len(stable.pod_names) <= was * len(canary.pod_names):
        return
    error = _last_error(ended[1], stable_table, canary_table, parser)
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


def _last_error(
    ended: Iterable[ContainerLog], stable: SideTable, canary: SideTable, parser: "Parser"
) -> SampleLine | None:
    known = {one.template.site for one in stable.templates.values()}
    last = {site for log in ended for site in _last_sites(log, parser)} - known
    new = [
        one
        for one in canary.templates.values()
        if one.template.severity >= Severity.ERROR and one.template.site in last
    ]
    gravest = min(new, key=lambda one: (-one.template.severity, one.template.text), default=None)
    return gravest.sample if gravest else None


def _last_sites(log: ContainerLog, parser: "Parser") -> Iterator[str]:
    """The call sites of a log's last lines; none of one that cannot be read, which coverage names."""
    tail = b""
    try:
        for chunk in log.read():
            tail = (tail + chunk)[-_LAST_BYTES:]
    except OSError:
        return
    for groups in parser.groups([tail]):
        yield from (group.template.site for group in groups)
