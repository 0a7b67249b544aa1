"""Whatever stands in a verdict, a page is the same page with other words in it."""

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hostile_reports import hostile, hostile_listing
from hostile_text import ALL, PAYLOADS
from hypothesis import given, settings
from hypothesis import strategies as st

from canary_agent.report import Report, notice_page, report_page
from canary_verdict import CanaryVerdict, Coverage, Verdict

MOST_BYTES = 1_000_000
_LINKS = {"href", "src", "action", "xlink:href", "data", "srcset", "formaction", "poster"}
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


class _Skeleton(HTMLParser):
    """What a page is made of, its words aside."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in _LINKS}

    def handle_data(self, data: str) -> None:
        self.words.append(data)


PLAIN = _Skeleton(report_page(hostile("plain")))


def assert_harmless(html: str, like: _Skeleton) -> None:
    found = _Skeleton(html)
    assert found.tags == like.tags
    assert found.attributes == like.attributes
    assert not {name for name in found.attributes if name.startswith("on") or name == "style"}
    assert all(link in ("data:,", "/reports", "/reports/1") for link in found.links), found.links
    assert not _UNSEEN.search(html)


@pytest.mark.parametrize("payload", [*PAYLOADS, ALL, ALL * 40])
def test_a_payload_changes_nothing_but_words(payload: str) -> None:
    assert_harmless(report_page(hostile(payload)), PLAIN)
    assert_harmless(hostile_listing(payload), _Skeleton(hostile_listing("plain")))
    assert_harmless(
        notice_page(payload, payload, payload), _Skeleton(notice_page("plain", "plain", "plain"))
    )


@given(st.text(max_size=200))
@settings(deadline=None, max_examples=40)
def test_any_text_changes_nothing_but_words(text: str) -> None:
    # An empty one leaves things out, which is another page.
    assert_harmless(report_page(hostile(f"x{text}x")), PLAIN)


def test_what_a_line_says_can_still_be_read() -> None:
    words = "".join(_Skeleton(report_page(hostile(PAYLOADS[0]))).words)
    assert PAYLOADS[0] in words


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://github.com/example/shop/issues/42", True),
        ("http://ghe.example:8443/o/r/pull/1", True),
        ("javascript:alert(1)", False),
        ("https://user:secret@elsewhere.example/", False),
        ("https://elsewhere.example/\u202e", False),
        ("//elsewhere.example", False),
        ("HTTPS://elsewhere.example", False),
    ],
)
def test_only_plain_web_addresses_become_links(link: str, *, shown: bool) -> None:
    verdict = CanaryVerdict("u", Verdict.ROLLBACK, 97, issue_link=link, pr_link=link)
    assert (link in _Skeleton(report_page(Report(verdict=verdict))).links) is shown


def _largest() -> Report:
    """A report of the most that `parse_verdict` lets through, of the character that grows most."""
    report = hostile('"' * 16_384)
    verdict = report.verdict
    return replace(
        report,
        verdict=replace(
            verdict,
            evidence=verdict.evidence * 40,
            model_results=verdict.model_results * 100,
            coverage=Coverage(gaps=('"' * 4096,) * 1000),
            usage={f"{number}{'x' * 900}": 1.0 for number in range(50)},
        ),
    )


def test_a_page_stays_below_a_megabyte() -> None:
    assert len(report_page(_largest()).encode()) < MOST_BYTES
