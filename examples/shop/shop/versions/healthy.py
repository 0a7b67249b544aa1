"""healthy: a good release. A new number, and new lines in the log that mean no harm."""

import logging
from typing import ClassVar

from shop.service import Request, Response, Shop
from shop.stock import Product

__all__ = ["Release"]

_log = logging.getLogger("shop.recommendations")


class Release(Shop):
    """Recommends something else on each product page."""

    name: ClassVar[str] = "healthy"
    number: ClassVar[str] = "1.5.0"

    def started(self) -> None:
        """Says that the new feature is on."""
        super().started()
        _log.info("recommendations enabled source=catalogue")

    def show_product(self, request: Request, product: Product) -> Response:
        """Adds a recommendation, and a line that says so."""
        response = super().show_product(request, product)
        _log.info("recommendations shown sku=%s count=3", product.sku)
        return response
