"""What the shop does, without HTTP: the stable release, and the base of all others."""

import json
import logging
import os
import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from shop.stock import PRODUCTS, Carts, Product

__all__ = ["Request", "Response", "Shop"]

_log = logging.getLogger("shop")
_catalogue = logging.getLogger("shop.catalogue")
_cart = logging.getLogger("shop.cart")
_checkout = logging.getLogger("shop.checkout")

_MAX_QUANTITY = 20


@dataclass(frozen=True, slots=True)
class Request:
    """One request, already read: `segments` is the path between its slashes."""

    id: str
    method: str
    segments: tuple[str, ...]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP status and a body that JSON can carry."""

    status: int
    body: object


class Shop:
    """The stable release. Other versions override the one method in which they differ.

    Chance decides by seed and request id alone, so that the same requests meet the same fate in
    every run and in whatever order threads get to them.
    """

    name: ClassVar[str] = "stable"
    number: ClassVar[str] = "1.4.2"

    def __init__(self, seed: int, environment: Mapping[str, str] = os.environ) -> None:
        self.seed = seed
        self.environment = environment
        self.carts = Carts()

    def started(self) -> None:
        """Called once, before the first request."""
        _log.info("catalogue loaded products=%d", len(PRODUCTS))

    def refresh_stock(self) -> None:
        """Called about once a second by the main thread; what it raises ends the process."""

    def access_level(self, status: int) -> int:
        """The level of the access line of an answer with `status`."""
        return logging.ERROR if status >= 500 else logging.INFO

    def failed(self, error: Exception) -> Response:
        """What the customer gets, and the log says, when a handler raises."""
        _log.error("unhandled %s: %s", type(error).__name__, error, exc_info=error)
        return Response(500, {"error": "internal error"})

    def respond(self, request: Request) -> Response:
        """Answers any request; a handler's bug is one customer's, not the shop's."""
        try:
            return self.answer(request)
        except Exception as error:  # noqa: BLE001  # whatever it is, the next customer is served
            return self.failed(error)

    def answer(self, request: Request) -> Response:
        """Routes one request; anything unknown is a 404."""
        match request.method, request.segments:
            case "GET", ("healthz",):
                return Response(200, {"status": "ok", "version": self.number})
            case "GET", ("catalogue",):
                return self.list_products(request)
            case "GET", ("catalogue", sku):
                return self._with_product(sku, lambda product: self.show_product(request, product))
            case "GET", ("cart", cart):
                return self.show_cart(request, cart)
            case "POST", ("cart", cart, "items"):
                return self.add_item(request, cart)
            case "POST", ("checkout", cart):
                return self.check_out(request, cart)
            case _:
                return Response(404, {"error": "no such page"})

    def list_products(self, request: Request) -> Response:
        """All articles with their prices before discount."""
        prices = self.prices(request, PRODUCTS.values())
        _catalogue.info("catalogue listed products=%d", len(prices))
        return Response(200, {"products": prices})

    def show_product(self, request: Request, product: Product) -> Response:
        """One article with its price."""
        price = self.less_discount(product, self.prices(request, [product])[product.sku])
        _catalogue.info("product shown sku=%s", product.sku)
        return Response(200, {"sku": product.sku, "title": product.title, "cents": price})

    def show_cart(self, request: Request, cart: str) -> Response:
        """What is in a cart."""
        self.wait_for_database(request, 4)
        return Response(200, {"items": self.carts.contents(cart)})

    def add_item(self, request: Request, cart: str) -> Response:
        """Puts the article of the body, `{"sku": ..., "quantity": ...}`, into a cart."""
        order = _read_item(request.body)
        if order is None:
            _cart.warning("item refused, the body is not understood bytes=%d", len(request.body))
            return Response(400, {"error": f"expected sku and quantity, 1 to {_MAX_QUANTITY}"})
        sku, quantity = order

        def add(product: Product) -> Response:
            self.wait_for_database(request, 5)
            self.carts.add(cart, product.sku, quantity)
            if product.stock < 5:
                _cart.warning("stock is low sku=%s left=%d", product.sku, product.stock)
            _cart.info("item added sku=%s quantity=%d", product.sku, quantity)
            return Response(201, {"items": self.carts.contents(cart)})

        return self._with_product(sku, add)

    def check_out(self, request: Request, cart: str) -> Response:
        """Sells what is in a cart and empties it."""
        items = self.carts.take(cart)
        if not items:
            return Response(409, {"error": "the cart is empty"})
        prices = self.prices(request, [PRODUCTS[sku] for sku in items])
        total = sum(
            self.less_discount(PRODUCTS[sku], prices[sku]) * quantity
            for sku, quantity in items.items()
        )
        self.pay(request, total)
        _checkout.info("order placed items=%d total_cents=%d", len(items), total)
        return Response(200, {"order": request.id, "total_cents": total})

    def prices(self, request: Request, products: Iterable[Product]) -> dict[str, int]:
        """The price of each article in cents, by sku, from one query for all of them."""
        self.wait_for_database(request, 6)
        return {product.sku: product.cents for product in products}

    def less_discount(self, product: Product, cents: int) -> int:
        """A price in cents, less the article's discount where there is one."""
        return cents * (100 - (product.discount or 0)) // 100

    def pay(self, request: Request, cents: int) -> None:
        """Asks the payment provider for `cents`; now and then it needs a second try."""
        self.wait_for_database(request, 12)
        if self.luck(request, "payment") < 0.02:
            _checkout.warning("payment provider was slow, tried again total_cents=%d", cents)
            self.wait_for_database(request, 12)

    def wait_for_database(self, request: Request, milliseconds: float) -> None:
        """Stands for a query that takes about `milliseconds`, sometimes a good deal more."""
        luck = random.Random(f"{self.seed}:{request.id}:{milliseconds}")
        time.sleep(milliseconds / 1000 * luck.lognormvariate(0, 0.35))

    def luck(self, request: Request, what: str) -> float:
        """A number in [0, 1) that depends on the seed, the request and `what` alone."""
        return random.Random(f"{self.seed}:{request.id}:{what}").random()

    def _with_product(self, sku: str, then: Callable[[Product], Response]) -> Response:
        product = PRODUCTS.get(sku)
        return then(product) if product else Response(404, {"error": "no such product"})


def _read_item(body: bytes) -> tuple[str, int] | None:
    try:
        item = json.loads(body)
    except ValueError:
        return None
    match item:
        case {"sku": str(sku), "quantity": int(quantity)} if 1 <= quantity <= _MAX_QUANTITY:
            return sku, quantity
    return None
