"""Quantities of memory: k8s.io/apimachinery resource.Quantity."""

import re

from kube import Json

__all__ = ["memory_limit"]

_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)([EPTGMKk]i?|m)?")
_POWERS = {"k": 1, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}


def memory_limit(container: Json) -> int | None:
    """`resources.limits.memory` in bytes; None where there is none that can be read."""
    text = str(container.get("resources", {}).get("limits", {}).get("memory", ""))
    found = _QUANTITY.fullmatch(text)
    if not found:
        return None
    number, unit = float(found[1]), found[2] or ""
    if unit == "m":
        return int(number / 1000)
    base = 1024 if unit.endswith("i") else 1000
    return int(number * base ** _POWERS.get(unit[:1], 0))
