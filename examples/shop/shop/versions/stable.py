"""stable: what customers use today, see `shop.service.Shop`."""

from shop.service import Shop

__all__ = ["Release"]

Release = Shop
