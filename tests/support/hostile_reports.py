"""Reports and lists in which every string is the same text."""

from datetime import UTC, datetime

from canary_agent.report import Listing, ListingFilter, Report, Row, listing_page
from canary_verdict import (
    CanaryRequest,
    CanaryVerdict,
    Coverage,
    EvidenceItem,
    ModelResult,
    Policy,
    Repository,
    Run,
    Sample,
    Selection,
    Timeline,
    TimelineMark,
    TimelineSide,
    Verdict,
)

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def hostile(text: str) -> Report:
    """A report in which every string is `text`."""
    sample = Sample(text, text, text, text)
    numbers = (1, 2)
    verdict = CanaryVerdict(
        run_uid=text,
        verdict=Verdict.ROLLBACK,
        confidence=97,
        analysis=text,
        root_cause=text,
        remediation=text,
        evidence=tuple(
            EvidenceItem(text, text, text, strength, 1, 2, 2.0, 0.1, 0.1, sample, sample, 1.0, 2.0)
            for strength in ("hard", "significant", "waived", "note", text)
        ),
        coverage=Coverage(1, 2, 3, truncated=True, gaps=(text, text)),
        model_results=(
            ModelResult(text, analysis=text, root_cause=text, remediation=text),
            ModelResult(text, error=text),
        ),
        voting_rationale=text,
        pr_link=text,
        issue_link=text,
        usage={text: 1.0},
        agent_version=text,
        timeline=Timeline(
            NOW,
            10.0,
            TimelineSide(numbers, numbers, numbers, numbers, untimed=5),
            TimelineSide(numbers, numbers, numbers, numbers),
            (TimelineMark(3.0, "canary", "restart", text, text),),
        ),
        report_link=text,
    )
    request = CanaryRequest(
        run=Run(text, text, text, text),
        rollout=text,
        stable=Selection(text),
        canary=Selection(text, text),
        window=600.0,
        deadline=NOW,
        lease_seconds=180,
        extra_prompt=text,
        repository=Repository(text, text),
        policy=Policy(min_lines=5, min_duration=60.0, accepted=(text,), waive=(text,)),
        dry_run=True,
    )
    return Report(
        verdict=verdict, request=request, task_id=text, bundle=text, asked_at=NOW, answered_at=NOW
    )


def hostile_listing(text: str) -> str:
    row = Row("/reports/1", text, text, "completed", "rollback", 97.0, text, NOW)
    return listing_page(Listing((row,), 1, ListingFilter(text, text, text)))
