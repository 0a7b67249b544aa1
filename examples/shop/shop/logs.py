"""The shop's log: one line an event, the same fields in the same places.

`2026-03-01T12:00:00.123Z INFO shop.access [r-000042] method=GET path=/catalogue status=200 ...`
"""

import logging
import time
from contextvars import ContextVar
from typing import TextIO

__all__ = ["REQUEST_ID", "set_up_logging"]

REQUEST_ID: ContextVar[str] = ContextVar("REQUEST_ID", default="-")
"""The id of the request that this thread is answering; `-` outside of requests."""


class _RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = REQUEST_ID.get()
        return True


def set_up_logging(stream: TextIO) -> None:
    """Sends everything at INFO and above to `stream`, one flushed line a record."""
    formatter = logging.Formatter(
        "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s [%(request_id)s] %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S",
    )
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    handler.addFilter(_RequestIdFilter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
