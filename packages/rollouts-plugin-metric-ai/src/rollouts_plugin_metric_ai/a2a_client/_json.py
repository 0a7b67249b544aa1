"""Reads JSON that a stranger wrote: bounded in depth and count, without NaN or doubled names."""

import json
import math
from collections.abc import Iterable

from ._limits import ClientLimits

_NOT_JSON = "is not JSON: {0} at byte {1}"


def decode_json(body: bytes, limits: ClientLimits) -> object:
    """The value of a whole body.

    Raises:
        ValueError: not UTF-8, not JSON, too deep, too many values, a number that is not finite, or an
            object that has a name twice. The text completes "the answer ...".
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 at byte {error.start}") from error
    # Each value but the first follows one of these, so their count bounds the values from above.
    if sum(map(text.count, ",[{")) > limits.max_values:
        raise ValueError(f"may hold more than {limits.max_values} JSON values")
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise ValueError(_NOT_JSON.format(error.msg, error.pos)) from error
    except RecursionError as error:
        raise ValueError(f"is nested deeper than {limits.max_depth}") from error
    check_depth(value, limits.max_depth)
    return value


def decode_object_at(text: str, start: int) -> tuple[dict[str, object], int] | None:
    """The JSON object that begins at `start`, and where it ends; None where there is none."""
    try:
        value, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return (value, end) if isinstance(value, dict) else None


def check_depth(value: object, max_depth: int) -> None:
    """Raises ValueError when lists and objects stand in each other more than `max_depth` deep."""
    level = _containers([value])
    for _ in range(max_depth):
        if not level:
            return
        level = [
            child
            for parent in level
            for child in _containers(parent.values() if isinstance(parent, dict) else parent)
        ]
    if level:
        raise ValueError(f"is nested deeper than {max_depth}")


def _containers(values: Iterable[object]) -> list[dict[str, object] | list[object]]:
    return [value for value in values if isinstance(value, dict | list)]


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    # Readers differ in which of two equal names they take: two verdicts in one object are none.
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("has an object with the same name twice")
    return value


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("has a number that is not finite")
    return value


def _integer(text: str) -> int:
    if len(text) > 400:
        raise ValueError("has a number of more than 400 digits")
    return int(text)


def _constant(text: str) -> float:
    raise ValueError(f"has the number {text}, which JSON does not know")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_finite, parse_int=_integer, parse_constant=_constant
)
