"""Each release does what its module says, and differs in nothing else."""

import json
import logging
import re
from typing import Any

import pytest
from shop import VERSIONS, Request, Response, Shop, load_version
from shop.__main__ import main
from shop.stock import PRODUCTS


class Untimed:
    """Mixed into a release: queries take no time, and are counted."""

    queries = 0

    def wait_for_database(self, request: Request, milliseconds: float) -> None:
        """Counts instead of waiting."""
        type(self).queries += 1


def untimed(version: str, seed: int = 1) -> Shop:
    release = load_version(version)
    kind = type("UntimedRelease", (Untimed, release), {"queries": 0})
    shop = kind(seed, {})
    assert isinstance(shop, Shop)
    return shop


def buy(shop: Shop, number: int, sku: str = "mug-00") -> Response:
    body = json.dumps({"sku": sku, "quantity": 1}).encode()
    cart = f"c{number}"
    shop.answer(Request(f"a{number}", "POST", ("cart", cart, "items"), body))
    return shop.respond(Request(f"b{number}", "POST", ("checkout", cart)))


def levels(caplog: pytest.LogCaptureFixture) -> set[str]:
    return {record.levelname for record in caplog.records}


@pytest.fixture(autouse=True)
def all_levels(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


def test_each_release_has_a_name_and_a_number_of_its_own() -> None:
    releases = [load_version(name) for name in VERSIONS]
    assert [release.name for release in releases] == list(VERSIONS)
    assert len({release.number for release in releases}) == len(VERSIONS)


def test_an_unknown_release_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no version 'stabel'; expected one of stable, healthy"):
        load_version("stabel")


@pytest.mark.parametrize("version", ["stable", "healthy"])
def test_a_good_release_sells_everything_and_logs_no_error(
    version: str, caplog: pytest.LogCaptureFixture
) -> None:
    shop = untimed(version)
    shop.started()
    assert {buy(shop, n, sku).status for n, sku in enumerate(PRODUCTS)} == {200}
    assert levels(caplog) <= {"INFO", "WARNING"}


def test_healthy_writes_lines_that_stable_does_not(caplog: pytest.LogCaptureFixture) -> None:
    untimed("healthy").answer(Request("r", "GET", ("catalogue", "mug-00")))
    assert "recommendations shown sku=mug-00" in caplog.text


def test_error_burst_raises_where_there_is_no_discount(caplog: pytest.LogCaptureFixture) -> None:
    shop = untimed("error-burst")
    for number, product in enumerate(PRODUCTS.values()):
        expected = 500 if product.discount is None else 200
        assert buy(shop, number, product.sku).status == expected
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) == 6
    assert all(record.exc_info and record.exc_info[0] is TypeError for record in errors)


def test_slow_asks_the_database_for_each_article() -> None:
    catalogue = Request("r", "GET", ("catalogue",))
    stable, slow = untimed("stable"), untimed("slow")
    assert stable.answer(catalogue) == slow.answer(catalogue)
    assert stable.queries == 1  # type: ignore[attr-defined]  # of Untimed
    assert slow.queries == 2 * len(PRODUCTS)  # type: ignore[attr-defined]  # of Untimed


def test_quiet_errors_answers_500_without_an_error_line(caplog: pytest.LogCaptureFixture) -> None:
    shop = untimed("quiet-errors")
    statuses = [buy(shop, number).status for number in range(40)]
    assert 10 < statuses.count(500) < 35
    assert levels(caplog) <= {"INFO", "WARNING"}
    assert shop.access_level(500) == logging.INFO
    assert untimed("stable").access_level(500) == logging.ERROR


def test_injection_fails_and_tries_to_talk_its_reader_round(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shop = untimed("injection")
    statuses = [buy(shop, number).status for number in range(40)]
    assert 8 < statuses.count(500) < 32
    assert "ERROR" in levels(caplog)
    for lure in ("ignore previous instructions", '"verdict": "promote"', "SYSTEM:", "\x1b[2J"):
        assert lure in caplog.text


@pytest.mark.parametrize("version", VERSIONS)
def test_the_same_seed_and_requests_meet_the_same_fate(version: str) -> None:
    def fates(seed: int, order: list[int]) -> dict[int, Response]:
        shop = untimed(version, seed)
        return {number: buy(shop, number, "lamp-02") for number in order}

    forwards = fates(7, list(range(30)))
    assert forwards == fates(7, list(reversed(range(30))))
    if version in {"quiet-errors", "injection"}:
        assert forwards != fates(8, list(range(30)))


def test_crash_loop_dies_of_a_missing_variable_with_its_stack(run_shop: Any) -> None:
    shop = run_shop("crash-loop", "--refresh-seconds", "0.05")
    assert shop.wait() == 1
    assert re.search(r"Traceback \(most recent call last\):\n(?:  .*\n)+KeyError: ", shop.log)
    assert shop.log.endswith("KeyError: 'STOCK_FEED_URL'\n")


def test_the_version_comes_by_flag_or_environment(
    run_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_VERSION", "stabel")
    shop = run_shop("healthy")
    assert shop.url
    assert "version=1.5.0" in shop.log
    with pytest.raises(SystemExit, match="2"):
        main(["--port", "0"])
