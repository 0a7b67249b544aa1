"""Objects of the API as plain JSON, of which any field may be missing or of another type."""

from collections.abc import Mapping
from typing import TypeAlias

Json: TypeAlias = Mapping[str, object]


def mapping(value: object, *path: str) -> Json:
    """The object at `path` below `value`; empty where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def mappings(value: object) -> list[Json]:
    """The objects of a list."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def text(value: object, *path: str) -> str:
    """The string at `path` below `value`; empty where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else ""


def items_of(document: Json) -> list[Json]:
    """The objects of a list that the API gave."""
    return mappings(document.get("items"))


def name_of(value: Json) -> str:
    """An object's name."""
    return text(value, "metadata", "name")
