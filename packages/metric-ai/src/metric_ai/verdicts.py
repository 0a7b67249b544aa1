"""A verdict as people read it."""

from collections.abc import Sequence

from canary_verdict import CanaryVerdict, Coverage, EvidenceItem, Sample, Verdict

from .exits import Exit
from .terminal import Cell, Style, Terminal

_STYLES: dict[Verdict, Style] = {
    Verdict.PROMOTE: "good",
    Verdict.ROLLBACK: "bad",
    Verdict.INCONCLUSIVE: "doubt",
}
_CODES = {
    Verdict.PROMOTE: Exit.OK,
    Verdict.ROLLBACK: Exit.NEGATIVE,
    Verdict.INCONCLUSIVE: Exit.INCONCLUSIVE,
}
_STRENGTHS: dict[str, Style] = {"hard": "bad", "significant": "bad", "suspicious": "doubt"}
_SAMPLES = 3
_NOTES = 3
_GAPS = 5
_WHAT = 160
_LONGEST = 1e9


def exit_of(verdict: CanaryVerdict) -> Exit:
    """The exit code that says as much as the verdict."""
    return _CODES[verdict.verdict]


def show_verdict(terminal: Terminal, verdict: CanaryVerdict) -> None:
    """Verdict and confidence first, then why, what to do, the evidence, and what was read."""
    terminal.line(
        (verdict.verdict.value.upper(), _STYLES[verdict.verdict]),
        f"  {verdict.confidence:g} % confident",
    )
    terminal.gap()
    terminal.fields(
        [
            ("why", verdict.root_cause or verdict.analysis),
            ("to do", verdict.remediation),
            ("analysis", verdict.analysis if verdict.root_cause else ""),
            ("votes", verdict.voting_rationale),
            ("report", verdict.report_link),
            ("issue", verdict.issue_link),
            ("pull request", verdict.pr_link),
            ("read", _coverage(verdict.coverage)),
        ]
    )
    if verdict.evidence:
        terminal.gap()
        show_evidence(terminal, verdict.evidence)
    _gaps(terminal, verdict.coverage.gaps)


def show_evidence(terminal: Terminal, evidence: Sequence[EvidenceItem]) -> None:
    """The table of evidence, and the canary's lines of the strongest."""
    acting = [item for item in evidence if item.strength in _STRENGTHS]
    notes = [item for item in evidence if item.strength not in _STRENGTHS]
    rows = [_row(item) for item in (*acting, *notes[:_NOTES])]
    terminal.table(("id", "strength", ">stable", ">canary", ">ratio", "what"), rows)
    if len(notes) > _NOTES:
        terminal.line((f"and {len(notes) - _NOTES} notes more; -o json has all", "dim"))
    samples: dict[Sample, str] = {}
    for item in acting:
        if item.canary_sample and item.canary_sample.line:
            samples.setdefault(item.canary_sample, item.id)
    for sample, item_id in list(samples.items())[:_SAMPLES]:
        terminal.line((f"{item_id} canary's log  ", "dim"), *_sample(sample))


def _row(item: EvidenceItem) -> Sequence[Cell]:
    what = item.what if len(item.what) <= _WHAT else f"{item.what[: _WHAT - 1]}…"
    return (
        item.id,
        (item.strength, _STRENGTHS.get(item.strength, "dim")),
        _count(item, item.stable),
        _count(item, item.canary),
        _number(item.ratio),
        what,
    )


def _count(item: EvidenceItem, value: float | None) -> str:
    """How often; of latencies how long."""
    if item.kind != "latency" or value is None:
        return _number(value)
    return f"{1000 * value:.3g} ms" if value < 1 else f"{value:.3g} s"


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    whole = float(value).is_integer() and value < _LONGEST
    return f"{value:.0f}" if whole else f"{value:.3g}"


def _sample(sample: Sample) -> tuple[Cell, Cell]:
    where = "/".join(name for name in (sample.pod, sample.container) if name)
    return (f"{where}: " if where else "", "dim"), sample.line


def _coverage(coverage: Coverage) -> str:
    cut = ", cut by a limit" if coverage.truncated else ""
    return (
        f"{coverage.lines} lines of {coverage.containers} containers in {coverage.pods} pods{cut}"
    )


def _gaps(terminal: Terminal, gaps: Sequence[str]) -> None:
    for gap in gaps[:_GAPS]:
        terminal.line(("not read  ", "doubt"), gap)
    if len(gaps) > _GAPS:
        terminal.line(("not read  ", "doubt"), f"and {len(gaps) - _GAPS} more")
