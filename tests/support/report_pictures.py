"""Pictures of a report and of the list of reports: python -m report_pictures FOLDER."""

import shutil
import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

from playwright.sync_api import sync_playwright
from report_samples import BEGIN, MINUTES, REQUEST, VOTES, write_logs

from canary_agent.analysis import analyse
from canary_agent.collect import FolderSource
from canary_agent.report import Listing, ListingFilter, Report, Row, listing_page, report_page

NOW = BEGIN + timedelta(minutes=MINUTES)
VIEWS: tuple[tuple[str, str, Literal["light", "dark"], int, int], ...] = (
    ("report", "report-desktop-light", "light", 1280, 1500),
    ("report", "report-desktop-dark", "dark", 1280, 1500),
    ("report", "report-phone-light", "light", 390, 1500),
    ("report", "report-phone-dark", "dark", 390, 1500),
    ("list", "reports-desktop-light", "light", 1280, 700),
    ("list", "reports-desktop-dark", "dark", 1280, 700),
    ("list", "reports-phone-light", "light", 390, 1100),
    ("list", "reports-phone-dark", "dark", 390, 1100),
)
"""Page, file, colours, width and height in pixels."""

_ROWS = (
    ("shop", "checkout", "completed", "rollback", 99.0, "A dependency refuses connections: db.shop.svc:5432."),
    ("shop", "cart", "working", "", None, ""),
    ("shop", "search", "completed", "promote", 91.0, "Nothing speaks against the canary."),
    ("payments", "gateway", "completed", "inconclusive", 62.0, "Too little to promote by: the canary wrote 40 lines, and the policy asks for 200."),
    ("payments", "ledger", "completed", "promote", 97.0, "Nothing speaks against the canary."),
    ("mail", "outbox", "failed", "", None, "the analysis failed: CollectError: pods cannot be listed in namespace mail"),
)  # fmt: skip


def _report() -> str:
    with tempfile.TemporaryDirectory() as folder:
        source = FolderSource(write_logs(Path(folder)))
        verdict = analyse(REQUEST, source, lambda: False)
    told = replace(
        verdict,
        model_results=VOTES,
        voting_rationale="Two of three models vote against the canary; the evidence decides by itself.",
        issue_link="https://github.com/example/shop/issues/42",
        agent_version="1.0",
    )
    report = Report(
        verdict=told,
        request=REQUEST,
        task_id="0b0e7a3c-5d52-4f0e-9a36-1f0a4d6f8c11",
        asked_at=NOW,
        answered_at=NOW + timedelta(seconds=9),
        listed_at="/reports",
    )
    return report_page(report)


def _list() -> str:
    rows = tuple(
        Row(f"/reports/{number}", *fields, NOW - timedelta(minutes=7 * number))
        for number, fields in enumerate(_ROWS)
    )
    return listing_page(Listing(rows, 128, ListingFilter(), older="/reports?after=x"))


def main() -> None:
    """Takes the pictures, of each page once."""
    target = Path(sys.argv[1])
    target.mkdir(exist_ok=True)
    pages = {"report": _report(), "list": _list()}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for page, file, colours, width, height in VIEWS:
            tab = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme=colours
            )
            tab.set_content(pages[page])
            tab.screenshot(path=target / f"{file}.png")
            tab.close()
        browser.close()


if __name__ == "__main__":
    main()
