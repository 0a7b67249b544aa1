"""The report as markdown."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ._report import (
    Outcome,
    Rates,
    by_fault,
    by_share,
    by_source,
    calibration_of,
    grouped,
    rates_of,
    wrong,
)

_MAX_WRONG = 40
_TARGETS = (
    ("healthy rolled back", "healthy_rolled_back", "at most 1 %"),
    ("faulty promoted", "faulty_promoted", "at most 2 %"),
    ("healthy inconclusive", "healthy_inconclusive", "at most 10 %"),
    ("evident faults promoted", "evident_promoted", "none"),
    ("root cause named rightly, of those rolled back", "cause_named", "at least 80 %"),
    ("faulty inconclusive", "faulty_inconclusive", ""),
)


_MARK = "<!-- figures: written by python -m bench.verdicts report -->\n"


def replace_figures(path: Path, text: str) -> None:
    """Writes `text` below the mark of a document, or as all of it where there is none yet."""
    words, _, _ = path.read_text().partition(_MARK) if path.exists() else ("", "", "")
    path.write_text(f"{words}{_MARK}\n{text}")


def markdown(
    outcomes: Sequence[Outcome],
    rules: Mapping[str, Sequence[Outcome]],
    title: str,
    picture: str = "",
) -> str:
    """One section; percentages with Wilson's 95 % interval in brackets.

    `picture` is the address of the calibration's, empty for none.
    """
    return (
        "\n".join(
            [
                *_head(outcomes, title),
                *_beside(outcomes, rules),
                *_groups(outcomes),
                *_calibration(outcomes, picture),
                *_wrong(outcomes),
            ]
        )
        + "\n"
    )


def _head(outcomes: Sequence[Outcome], title: str) -> Iterator[str]:
    rates = rates_of(outcomes)
    healthy = sum(one.case.healthy for one in outcomes)
    errors = sum(one.verdict == "error" for one in outcomes)
    yield f"## {title}"
    yield ""
    yield f"{len(outcomes)} pairs, {healthy} of them healthy; {errors} ended in an error."
    yield ""
    yield "| | share (cases; 95 % interval) | target |"
    yield "| --- | --- | --- |"
    for name, field, target in _TARGETS:
        yield f"| {name} | {getattr(rates, field)} | {target} |"
    yield ""


def _beside(outcomes: Sequence[Outcome], rules: Mapping[str, Sequence[Outcome]]) -> Iterator[str]:
    yield "### Beside simple rules"
    yield ""
    yield "| rule | healthy rolled back | faulty promoted | evident faults promoted |"
    yield "| --- | --- | --- | --- |"
    for name, said in {**rules, "the agent": outcomes}.items():
        rates = rates_of(said)
        yield f"| {name} | {rates.healthy_rolled_back} | {rates.faulty_promoted} | {rates.evident_promoted} |"
    yield ""


def _groups(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for title, key in (
        ("source", by_source),
        ("fault", by_fault),
        ("canary's share of the traffic", by_share),
    ):
        yield f"### By {title}"
        yield ""
        yield "| | pairs | healthy rolled back | healthy inconclusive | faulty promoted | faulty inconclusive | cause named |"
        yield "| --- | --- | --- | --- | --- | --- | --- |"
        for name, some in grouped(outcomes, key).items():
            yield _group_row(name.strip(), len(some), rates_of(some))
        yield ""


def _group_row(name: str, pairs: int, rates: Rates) -> str:
    shares = (
        rates.healthy_rolled_back,
        rates.healthy_inconclusive,
        rates.faulty_promoted,
        rates.faulty_inconclusive,
        rates.cause_named,
    )
    cells = " | ".join(f"{share.hits} of {share.of}" if share.of else "" for share in shares)
    return f"| {name} | {pairs} | {cells} |"


def _calibration(outcomes: Sequence[Outcome], picture: str) -> Iterator[str]:
    yield "### Calibration"
    yield ""
    yield "How often verdicts of about the same confidence were right."
    yield ""
    yield "| verdict | confidence | on average | right (95 % interval) |"
    yield "| --- | --- | --- | --- |"
    for verdict, bins in calibration_of(outcomes).items():
        for one in bins:
            yield f"| {verdict} | {one.low:g} to {one.high:g} | {one.claimed:.1f} | {one.right} |"
    yield ""
    if picture:
        yield f"![what verdicts claim, and how often they were right]({picture})"
        yield ""


def _wrong(outcomes: Sequence[Outcome]) -> Iterator[str]:
    cases = wrong(outcomes)
    yield "### Cases to look at"
    yield ""
    yield "| case | fault | share | expected | said | confidence | root cause |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for one in cases[:_MAX_WRONG]:
        case = one.case
        said = (one.error or one.root_cause).replace("|", "\\|").replace("\n", " ")[:160]
        yield (
            f"| {case.name} | {case.fault} | {by_share(case).strip()} | {case.expected} | {one.verdict}"
            f" | {one.confidence:g} | {said} |"
        )
    if len(cases) > _MAX_WRONG:
        yield ""
        yield f"and {len(cases) - _MAX_WRONG} more, in the report's JSON."
