"""crash-loop: needs an environment variable that nobody has set, and dies a second after start."""

import logging
from typing import ClassVar

from shop.service import Shop

__all__ = ["Release"]

_log = logging.getLogger("shop.stock")


class Release(Shop):
    """Reads the stock from a feed whose address is missing: KeyError in the main thread, exit 1."""

    name: ClassVar[str] = "crash-loop"
    number: ClassVar[str] = "1.5.2"

    def refresh_stock(self) -> None:
        """Raises KeyError, which nothing catches."""
        _log.info("refreshing stock from feed")
        feed = self.environment["STOCK_FEED_URL"]
        _log.info("stock refreshed feed=%s", feed)
