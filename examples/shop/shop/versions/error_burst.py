"""error-burst: prices fail with an exception where an article has no discount."""

from typing import ClassVar

from shop.service import Shop
from shop.stock import Product

__all__ = ["Release"]


class Release(Shop):
    """Takes for granted that every article has a discount; a quarter of them have none."""

    name: ClassVar[str] = "error-burst"
    number: ClassVar[str] = "1.5.1"

    def less_discount(self, product: Product, cents: int) -> int:
        """Raises TypeError where the discount is None."""
        return cents * (100 - product.discount) // 100  # type: ignore[operator]  # the bug
