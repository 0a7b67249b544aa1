"""A small web shop that can be released well or badly.

`python -m shop --version stable --port 8080` serves a catalogue, carts and a checkout and writes
its log to stdout. Each other version lives in one small module of `shop.versions`, which shows at
a glance what that release changes. `python -m shop.traffic` plays the customers.
"""

from shop.service import Request, Response, Shop
from shop.versions import VERSIONS, load_version

__all__ = ["VERSIONS", "Request", "Response", "Shop", "load_version"]
