"""Is there enough to judge by? Every reason why not, in words."""

from collections.abc import Iterator

from canary_agent.evidence import Findings, SideSummary
from canary_verdict import Policy

DEFAULT_MIN_LINES = 20


def shortages(findings: Findings, policy: Policy) -> list[str]:
    """One sentence for each thing that is missing; none when there is enough to promote by."""
    least = DEFAULT_MIN_LINES if policy.min_lines is None else policy.min_lines
    return [
        *_of_side("stable", findings.stable, least),
        *_of_side("the canary", findings.canary, least),
        *_of_time(findings.canary, policy.min_duration),
        *(gap.text for gap in findings.gaps if gap.blocking),
    ]


def waits(findings: Findings, policy: Policy) -> bool:
    """Whether what the policy itself asks for, lines or time, may still come."""
    lines = policy.min_lines is not None and any(
        side.usual_lines < policy.min_lines for side in (findings.stable, findings.canary)
    )
    return lines or any(_of_time(findings.canary, policy.min_duration))


def _of_side(name: str, side: SideSummary, least: int) -> Iterator[str]:
    if not side.pods:
        yield f"no pod of {name} was found"
    elif side.usual_lines < max(1, least):
        # Errors are no proof of work done, so they do not count.
        yield f"{name} wrote {side.usual_lines} lines besides errors; {max(1, least)} are asked for"


def _of_time(side: SideSummary, least: float | None) -> Iterator[str]:
    if not least:
        return
    if side.seconds is None:
        yield f"the canary's lines carry no time, and {least:g} s of logs are asked for"
    elif side.seconds < least:
        yield f"the canary's logs span {side.seconds:g} s; {least:g} s are asked for"
