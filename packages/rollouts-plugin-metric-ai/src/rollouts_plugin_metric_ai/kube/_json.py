"""Values of the API's JSON. What is missing or of another type counts as absent."""

from collections.abc import Mapping
from datetime import datetime


def as_mapping(value: object) -> Mapping[str, object]:
    """An object; empty where it is none."""
    return value if isinstance(value, dict) else {}


def as_mappings(value: object) -> list[Mapping[str, object]]:
    """A list's objects."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def as_text(value: object) -> str:
    """A string; empty where it is none."""
    return value if isinstance(value, str) else ""


def as_count(value: object) -> int:
    """A whole number; 0 where it is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def as_time(value: object) -> datetime | None:
    """A time with its zone; None where it is none."""
    try:
        moment = datetime.fromisoformat(as_text(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
