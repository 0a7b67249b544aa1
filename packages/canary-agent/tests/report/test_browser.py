"""Pages in Chromium: nothing runs, nothing is fetched, all can be reached by keyboard, and no axe rule is broken."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import (  # type: ignore[import-untyped]  # it has no stubs
    Axe,
)
from hostile_reports import hostile, hostile_listing
from hostile_text import ALL, PAYLOADS
from playwright.sync_api import Browser, Page

from canary_agent.report import (
    Listing,
    ListingFilter,
    Report,
    Row,
    listing_page,
    notice_page,
    report_page,
)

pytestmark = pytest.mark.browser

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
PHONE, DESK = 390, 1280


def listing() -> str:
    states = (
        ("checkout", "completed", "rollback", 99.0, "A dependency refuses connections."),
        ("cart", "working", "", None, ""),
        ("search", "completed", "promote", 91.0, "Nothing speaks against the canary."),
        ("payment", "completed", "inconclusive", 62.0, "Too little to promote by."),
        ("mail", "failed", "", None, "the analysis failed"),
    )
    rows = tuple(
        Row("/reports/1", "shop", name, state, verdict, confidence, why, NOW)
        for name, state, verdict, confidence, why in states
    )
    return listing_page(Listing(rows, 5, ListingFilter("shop"), "/reports?after=x", "/reports"))


@pytest.fixture
def pages(rollback: Report, promote: Report) -> dict[str, str]:
    return {
        "rollback": report_page(rollback),
        "promote": report_page(promote),
        "hostile": report_page(hostile(ALL)),
        "listing": listing(),
        "notice": notice_page("No such report", "It is gone.", "Look at the list.", "/reports"),
    }


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(params=[PHONE, DESK])
def page(request: pytest.FixtureRequest, scheme: Any, browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": request.param, "height": 900}, color_scheme=scheme)
    yield page
    page.close()


@pytest.mark.parametrize("name", ["rollback", "promote", "hostile", "listing", "notice"])
def test_no_rule_of_axe_is_broken_and_nothing_runs_over(
    name: str, page: Page, pages: dict[str, str], page_file: Callable[[str], str]
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(page_file(pages[name]))
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.evaluate("window.innerWidth")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert said == []
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("payload", [*PAYLOADS, ALL])
def test_hostile_text_runs_nothing_and_fetches_nothing(
    payload: str, browser: Browser, page_file: Callable[[str], str]
) -> None:
    for html in (report_page(hostile(payload)), hostile_listing(payload)):
        address = page_file(html)
        page = browser.new_page()
        asked = _everything_asked(page)
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        page.mouse.move(200, 300)
        assert page.evaluate("window.hacked") is None
        assert [url for url in asked if not url.startswith("data:,")] == [address]
        assert page.url == address
        page.close()


def _everything_asked(page: Page) -> list[str]:
    """What the page fetches, and what its dialogs say, from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    return asked


def test_the_policy_alone_stops_a_script(
    rollback: Report, browser: Browser, page_file: Callable[[str], str]
) -> None:
    """The wall behind the wall: a page whose text was not escaped runs nothing either."""
    broken = report_page(rollback).replace(
        "</main>",
        "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>"
        "<p style='display:none' id=styled>x</p></main>",
    )
    page = browser.new_page()
    page.goto(page_file(broken))
    assert page.evaluate("window.hacked") is None
    assert page.locator("#styled").is_visible()
    # The page's own style, by its hash, is let through.
    assert page.evaluate("getComputedStyle(document.querySelector('.banner')).display") == "grid"
    page.close()


def _focused(page: Page) -> str:
    return str(
        page.evaluate(
            "(document.activeElement.tagName + ' ' + document.activeElement.innerText).slice(0, 40)"
        )
    )


def test_all_can_be_reached_and_opened_by_keyboard(
    rollback: Report, browser: Browser, page_file: Callable[[str], str]
) -> None:
    page = browser.new_page(viewport={"width": DESK, "height": 900})
    page.goto(page_file(report_page(rollback)))
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = false)")
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    reachable = page.locator("a:visible, summary:visible").count()
    order: list[float] = []
    for _ in range(reachable):
        page.keyboard.press("Tab")
        place = page.evaluate(
            "(() => { const at = document.activeElement;"
            " return [at.getBoundingClientRect().top + scrollY,"
            " getComputedStyle(at).outlineStyle, at.tagName] })()"
        )
        assert place[1] == "solid", f"no focus is seen on {_focused(page)}"
        assert place[2] in ("A", "SUMMARY")
        order.append(place[0])
    assert order == sorted(order)
    page.keyboard.press("Tab")
    assert _focused(page).startswith("BODY")

    summary = page.locator("summary", has_text="The same as numbers")
    table = page.locator("table.numbers")
    summary.focus()
    assert not table.is_visible()
    page.keyboard.press("Enter")
    assert table.is_visible()
    page.keyboard.press("Space")
    assert not table.is_visible()
    page.close()


def test_the_list_is_filtered_by_keyboard(browser: Browser) -> None:
    page = browser.new_page()
    asked: list[str] = []

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        route.fulfill(body=listing(), content_type="text/html")

    page.route("http://agent.test/**", answer)
    page.goto("http://agent.test/reports")
    page.get_by_label("Rollout").focus()
    page.keyboard.type("checkout")
    page.keyboard.press("Tab")
    page.keyboard.type("rollback")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert asked[-1] == "http://agent.test/reports?namespace=shop&rollout=checkout&verdict=rollback"
    page.close()


def test_a_report_prints_whole(
    rollback: Report, browser: Browser, page_file: Callable[[str], str]
) -> None:
    page = browser.new_page()
    page.goto(page_file(report_page(rollback)))
    closed = page.locator("details:not([open])", has_text="The same as numbers")
    assert not closed.locator("table").is_visible()
    page.emulate_media(media="print")
    assert closed.locator("table").is_visible()
    assert not page.get_by_text("All reports").is_visible()
    pdf = page.pdf(format="A4", print_background=True)
    assert pdf.startswith(b"%PDF-")
    assert len(pdf) > 20_000
    page.close()
