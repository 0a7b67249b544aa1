"""Hard evidence from logs: crash signatures that stable does not have."""

from collections.abc import Iterator

from ._finding import Finding, Kind
from ._hard import CRASH_SIGNATURE
from ._table import SideTable, TemplateCount
from .parse import python_crash


def crash_findings(stable: SideTable, canary: SideTable) -> Iterator[Finding]:
    """One for each crash signature that only the canary shows; one that both show is left to rates."""
    known = {one.template.crash for one in stable.templates.values()}
    # A traceback at a log's end may have been logged; stable may show the same in the middle of its log.
    known |= {python_crash(one.template.exception) for one in stable.templates.values()}
    found: dict[str, list[TemplateCount]] = {}
    for one in canary.templates.values():
        if one.template.crash and one.template.crash not in known:
            found.setdefault(one.template.crash, []).append(one)
    for signature, counted in found.items():
        yield Finding(
            kind=Kind.HARD,
            name=CRASH_SIGNATURE,
            what=f"crash that stable does not have: {signature}",
            canary=sum(one.count for one in counted),
            is_error=True,
            canary_sample=counted[0].sample,
        )
