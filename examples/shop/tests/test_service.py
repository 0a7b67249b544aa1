"""What the stable shop sells, asked as a customer over HTTP."""

import http.client
import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest


def ask(url: str, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=20)
    try:
        payload = body if isinstance(body, bytes) else json.dumps(body).encode() if body else None
        connection.request(method, path, payload, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def test_sells_what_was_put_into_the_cart(run_shop: Any) -> None:
    url = run_shop("stable").url
    status, listed = ask(url, "GET", "/catalogue")
    assert (status, len(listed["products"])) == (200, 24)
    assert ask(url, "POST", "/cart/ann/items", {"sku": "mug-00", "quantity": 2})[0] == 201
    assert ask(url, "GET", "/cart/ann") == (200, {"items": {"mug-00": 2}})
    status, order = ask(url, "POST", "/checkout/ann")
    assert (status, order["total_cents"]) == (200, 2 * listed["products"]["mug-00"])
    assert ask(url, "POST", "/checkout/ann") == (409, {"error": "the cart is empty"})


def test_takes_the_discount_off(run_shop: Any) -> None:
    url = run_shop("stable").url
    listed = ask(url, "GET", "/catalogue")[1]["products"]["shirt-01"]
    assert ask(url, "GET", "/catalogue/shirt-01")[1]["cents"] == listed * 95 // 100


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nowhere", None, 404),
        ("GET", "/catalogue/none-99", None, 404),
        ("POST", "/catalogue", None, 404),
        ("POST", "/cart/ann/items", b"not json", 400),
        ("POST", "/cart/ann/items", {"sku": "mug-00", "quantity": 21}, 400),
        ("POST", "/cart/ann/items", {"sku": "mug-00", "quantity": "1"}, 400),
        ("POST", "/cart/ann/items", {"sku": "none-99", "quantity": 1}, 404),
        ("POST", "/checkout/nobody", None, 409),
        ("POST", "/cart/ann/items", b"x" * (64 * 1024 + 1), 413),
    ],
)
def test_refuses_what_makes_no_sense(
    run_shop: Any, method: str, path: str, body: object, status: int
) -> None:
    shop = run_shop("stable")
    assert ask(shop.url, method, path, body)[0] == status
    assert ask(shop.url, "GET", "/healthz")[0] == 200


def test_an_access_line_has_every_field_and_health_checks_have_none(run_shop: Any) -> None:
    shop = run_shop("stable")
    ask(shop.url, "GET", "/healthz")
    ask(shop.url, "GET", "/cart/ann?page=2", **{"X-Request-Id": "order-7"})
    assert shop.stop() == 0
    access = [line for line in shop.lines if "shop.access" in line]
    assert len(access) == 1
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO shop\.access \[order-7\] "
        r"method=GET path=/cart/ann status=200 duration_ms=\d+\.\d\n",
        access[0],
    )


def test_customers_cannot_write_lines_of_their_own_into_the_log(run_shop: Any) -> None:
    shop = run_shop("stable")
    ask(shop.url, "GET", "/a%0a2026%20ERROR%1b[2J", **{"X-Request-Id": "bad id"})
    assert shop.stop() == 0
    assert "\x1b" not in shop.log
    assert [line for line in shop.lines if " ERROR " in line] == []
    assert "[r-000001] method=GET path=/a%0A2026%20ERROR%1B%5B2J status=404" in shop.log


def test_a_port_that_is_taken_is_named_and_ends_the_shop(run_shop: Any) -> None:
    first = run_shop("stable")
    port = urlsplit(first.url).port
    second = run_shop("stable", "--port", str(port))
    assert second.wait() == 2
    assert f"cannot listen on 127.0.0.1:{port}" in second.log
