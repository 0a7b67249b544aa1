"""What the shop sells, and the carts in which customers collect it."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

__all__ = ["PRODUCTS", "Carts", "Product"]


@dataclass(frozen=True, slots=True)
class Product:
    """One article.

    Attributes:
        sku: its key in addresses, such as `mug-03`.
        title: its name for customers.
        cents: its price in euro cents.
        stock: how many are left.
        discount: percent off, 0 to 90, or None where no discount was ever agreed.
    """

    sku: str
    title: str
    cents: int
    stock: int
    discount: int | None


_KINDS = ("mug", "shirt", "lamp", "book", "chair", "clock")

PRODUCTS: dict[str, Product] = {
    product.sku: product
    for number in range(24)
    for product in [
        Product(
            sku=f"{_KINDS[number % 6]}-{number:02d}",
            title=f"{_KINDS[number % 6].title()} no. {number}",
            cents=900 + 137 * number,
            stock=2 if number % 12 == 5 else 40 + number,
            discount=None if number % 4 == 3 else 5 * (number % 3),
        )
    ]
}
"""All articles by sku. A quarter have no discount, and every twelfth is nearly sold out."""


class Carts:
    """The carts of all customers, in memory; the longest unused one goes when there are too many."""

    def __init__(self, limit: int = 10_000) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._carts: OrderedDict[str, dict[str, int]] = OrderedDict()

    def contents(self, cart: str) -> dict[str, int]:
        """The number of each sku in `cart`; empty for one that nobody has used."""
        with self._lock:
            return dict(self._carts.get(cart, {}))

    def add(self, cart: str, sku: str, quantity: int) -> None:
        """Puts `quantity` more of `sku` into `cart`."""
        with self._lock:
            items = self._carts.setdefault(cart, {})
            items[sku] = items.get(sku, 0) + quantity
            self._carts.move_to_end(cart)
            while len(self._carts) > self._limit:
                self._carts.popitem(last=False)

    def take(self, cart: str) -> dict[str, int]:
        """Empties `cart` and returns what was in it."""
        with self._lock:
            return self._carts.pop(cart, {})
