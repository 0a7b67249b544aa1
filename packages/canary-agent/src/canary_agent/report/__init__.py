"""Verdicts as pages for people: self-contained HTML without scripts, and nothing fetched.

All text in them is data: whatever stood in a log is escaped, freed of what cannot be seen, and bounded.
"""

from ._listing import Listing, ListingFilter, Row
from ._pages import listing_page, notice_page, report_page, sentence_of
from ._render import CONTENT_SECURITY_POLICY
from ._report import Report

__all__ = [
    "CONTENT_SECURITY_POLICY",
    "Listing",
    "ListingFilter",
    "Report",
    "Row",
    "listing_page",
    "notice_page",
    "report_page",
    "sentence_of",
]
