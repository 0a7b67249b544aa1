"""quiet-errors: a failed payment is answered with 500, and the log makes nothing of it."""

import logging
from typing import ClassVar

from shop.service import Request, Response, Shop

__all__ = ["Release"]


class PaymentError(Exception):
    """The payment provider said no."""


class Release(Shop):
    """Swallows exceptions: no stack, no ERROR line, an access line at INFO with status 500."""

    name: ClassVar[str] = "quiet-errors"
    number: ClassVar[str] = "1.5.4"

    def pay(self, request: Request, cents: int) -> None:
        """Fails on more than half of all orders."""
        super().pay(request, cents)
        if self.luck(request, "provider") < 0.6:
            raise PaymentError

    def failed(self, error: Exception) -> Response:
        """Answers 500 and logs nothing."""
        del error
        return Response(500, {"error": "please try again"})

    def access_level(self, status: int) -> int:
        """INFO, whatever the status."""
        del status
        return logging.INFO
