"""What operators watch: `/metrics` for Prometheus."""

from ._http import CountedRequests
from ._metrics import Metrics

__all__ = ["CountedRequests", "Metrics"]
