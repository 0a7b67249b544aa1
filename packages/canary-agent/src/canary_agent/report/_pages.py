"""The pages: a report, the list of reports, and a notice where there is neither."""

import re

from canary_verdict import CanaryVerdict, Verdict

from ._chart import chart_of
from ._evidence import evidence_rows
from ._listing import Listing
from ._render import render
from ._report import Report

_SENTENCES = {
    Verdict.PROMOTE: "Nothing speaks against the canary.",
    Verdict.ROLLBACK: "The evidence speaks against the canary.",
    Verdict.INCONCLUSIVE: "The evidence decides neither way.",
}
_COMPARED = "Compared "
_END = re.compile(r"[.!?] +(?=[A-Z])")
_MOST_MODELS = 10
_MOST_GAPS = 50


def report_page(report: Report) -> str:
    """One verdict as a page of its own, under 1 MB whatever it holds."""
    verdict, request = report.verdict, report.request
    why = sentence_of(verdict)
    return render(
        "report.html.jinja",
        report=report,
        verdict=verdict,
        request=request,
        why=why,
        more_cause="" if verdict.root_cause == why else verdict.root_cause,
        told=_told(verdict.analysis),
        evidence=evidence_rows(verdict.evidence),
        chart=chart_of(verdict.timeline),
        models=verdict.model_results[:_MOST_MODELS],
        gaps=verdict.coverage.gaps[:_MOST_GAPS],
        gaps_left_out=max(0, len(verdict.coverage.gaps) - _MOST_GAPS),
    )


def listing_page(listing: Listing) -> str:
    """The list of reports, newest first."""
    return render("listing.html.jinja", listing=listing, verdicts=[one.value for one in Verdict])


def notice_page(title: str, words: str, next_step: str = "", link: str = "") -> str:
    """A page that says why there is nothing to see, and what to do next."""
    return render("notice.html.jinja", title=title, words=words, next_step=next_step, link=link)


def sentence_of(verdict: CanaryVerdict) -> str:
    """Why, in one sentence: the cause's first, otherwise the first that is not about what was compared."""
    if verdict.root_cause:
        return _first_sentence(verdict.root_cause)[0]
    _, rest = _told(verdict.analysis)
    if verdict.verdict is Verdict.INCONCLUSIVE and rest:
        return _first_sentence(rest)[0]
    return _SENTENCES[verdict.verdict]


def _told(analysis: str) -> tuple[str, str]:
    """What was compared, and all else."""
    first, rest = _first_sentence(analysis)
    return (first, rest) if first.startswith(_COMPARED) else ("", analysis)


def _first_sentence(text: str) -> tuple[str, str]:
    # A sentence ends where a capital follows: an address or a number in it has no such place.
    match = _END.search(text)
    return (text[: match.start() + 1], text[match.end() :]) if match else (text, "")
