"""Verdicts to make pages of: one that an analysis has reached, and one of hostile text alone."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright
from report_samples import BEGIN, MINUTES, REQUEST, VOTES, write_logs

from canary_agent.analysis import analyse
from canary_agent.collect import FolderSource
from canary_agent.report import Report
from canary_verdict import CanaryVerdict


@pytest.fixture(scope="session")
def rollback(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A canary that fails, two models that say so, an issue that is open."""
    verdict = replace(
        _judged(write_logs(tmp_path_factory.mktemp("logs"))),
        model_results=VOTES,
        voting_rationale="Two of three models vote against the canary.",
        issue_link="https://github.com/example/shop/issues/42",
    )
    return report(verdict, request=REQUEST, listed_at="/reports", task_id="0b0e7a3c")


@pytest.fixture(scope="session")
def promote(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A canary that does as stable does."""
    verdict = _judged(write_logs(tmp_path_factory.mktemp("logs"), broken=False))
    return report(verdict, request=REQUEST, listed_at="/reports")


def _judged(logs: Path) -> CanaryVerdict:
    return analyse(REQUEST, FolderSource(logs), lambda: False)


def report(verdict: CanaryVerdict, **fields: Any) -> Report:
    asked = BEGIN + timedelta(minutes=MINUTES)
    return Report(
        verdict=verdict, asked_at=asked, answered_at=asked + timedelta(seconds=9), **fields
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium without a window."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("no chromium here: install Debian's package chromium (make test-deps)")
    with sync_playwright() as playwright:
        # Root, as which tests run in containers, has no sandbox.
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page_file(tmp_path: Path) -> Callable[[str], str]:
    """Puts a page into a file; returns its address."""

    def write(html: str) -> str:
        path = tmp_path / "report.html"
        path.write_text(html, "utf-8")
        return path.as_uri()

    return write
