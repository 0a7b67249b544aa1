"""The pages: a report, the list of reports, and a notice where there is neither."""

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
_MOST_MODELS = 20
_MOST_GAPS = 50


def report_page(report: Report) -> str:
    """One verdict as a page of its own, under 1 MB whatever it holds."""
    verdict, request = report.verdict, report.request
    return render(
        "report.html.jinja",
        report=report,
        verdict=verdict,
        request=request,
        why=_why(verdict),
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


def _why(verdict: CanaryVerdict) -> str:
    """One sentence: the cause where there is one, otherwise the first that is not about what was compared."""
    if verdict.root_cause:
        return verdict.root_cause
    sentences = verdict.analysis.split(". ")
    told = next((one for one in sentences if one and not one.startswith(_COMPARED)), "")
    if verdict.verdict is Verdict.INCONCLUSIVE and told:
        return told.rstrip(".") + "."
    return _SENTENCES[verdict.verdict]
