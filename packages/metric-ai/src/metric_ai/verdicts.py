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
    rows = [_row(item) for item in evidence]
    terminal.table(("id", "strength", ">stable", ">canary", ">ratio", "what"), rows)
    acting = [item for item in evidence if item.strength in _STRENGTHS]
    samples = {item.canary_sample: item.id for item in reversed(acting) if item.canary_sample}
    for sample, item_id in list(reversed(samples.items()))[:_SAMPLES]:
        terminal.line((f"{item_id} canary's log  ", "dim"), *_sample(sample))


def _row(item: EvidenceItem) -> Sequence[Cell]:
    what = item.what if len(item.what) <= _WHAT else f"{item.what[: _WHAT - 1]}…"
    return (
        item.id,
        (item.strength, _STRENGTHS.get(item.strength, "dim")),
        _number(item.stable),
        _number(item.canary),
        _number(item.ratio),
        what,
    )


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
