"""The functions of a condition (argo-rollouts utils/evaluate/evaluate.go; `len` is expr's own).

`isNil` and `default` look at `result` whatever they are given: so do Argo's.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ._errors import ConditionError
from ._kinds import Int64, Static, go_name
from ._literals import MAX_INT, MIN_INT

_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_DECIMAL: Final = re.compile(
    r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|(?i:inf|infinity))|(?i:nan)"
)
_MOST_DIGITS: Final = 1000


@dataclass(frozen=True, slots=True)
class Function:
    """A function.

    Attributes:
        parameters: the static type that each argument has to be assignable to.
        returns: the static type of what it gives.
        apply: from `result` and the arguments to the value; raises ConditionError.
    """

    parameters: tuple[Static, ...]
    returns: Static
    apply: Callable[..., object]


def as_int(_result: object, value: object) -> Int64:
    """`asInt`: a number without its fraction, or what a string of decimal digits says."""
    if isinstance(value, str):
        if len(value) > _MOST_DIGITS or not _INTEGER.fullmatch(value):
            raise ConditionError(f"asInt: {value[:_SHOWN]!r} is no integer")
        return _int64(int(value))
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ConditionError(f"asInt: {value} is no integer")
        return _int64(int(value))
    return _int64(int(_number("asInt", value)))


def as_float(_result: object, value: object) -> float:
    """`asFloat`: a number as a float64, or what a string says in decimal notation."""
    if not isinstance(value, str):
        return float(_number("asFloat", value))
    if len(value) > _MOST_DIGITS or not _DECIMAL.fullmatch(value):
        raise ConditionError(f"asFloat: {value[:_SHOWN]!r} is no number")
    number = float(value)
    if math.isinf(number) and "n" not in value.lower():
        raise ConditionError(f"asFloat: {value[:_SHOWN]!r} is beyond the range of a float64")
    return number


def is_nan(_result: object, value: object) -> bool:
    """`isNaN`: of a float64 alone."""
    return math.isnan(_float("isNaN", value))


def is_inf(_result: object, value: object) -> bool:
    """`isInf`: whether a float64 is infinite, on either side."""
    return math.isinf(_float("isInf", value))


def is_nil(result: object, _value: object) -> bool:
    """`isNil`: whether `result` is nil."""
    return result is None


def default(result: object, _value: object, otherwise: object) -> object:
    """`default`: `result`, or the second argument where that is nil."""
    return otherwise if result is None else result


def length(_result: object, value: object) -> int:
    """`len`: elements of an array, entries of a map, or bytes of a string in UTF-8."""
    if isinstance(value, str):
        return len(value.encode("utf-8", "surrogatepass"))
    if isinstance(value, list | dict):
        return len(value)
    raise ConditionError(f"invalid argument for len (type {go_name(value)})")


FUNCTIONS: Final = {
    "asInt": Function((Static.ANY,), Static.INT64, as_int),
    "asFloat": Function((Static.ANY,), Static.FLOAT, as_float),
    "isNaN": Function((Static.FLOAT,), Static.BOOL, is_nan),
    "isInf": Function((Static.FLOAT,), Static.BOOL, is_inf),
    "isNil": Function((Static.ANY,), Static.BOOL, is_nil),
    "default": Function((Static.ANY, Static.ANY), Static.ANY, default),
    "len": Function((Static.ANY,), Static.INT, length),
}

_SHOWN: Final = 40


def _int64(value: int) -> Int64:
    if not MIN_INT <= value <= MAX_INT:
        raise ConditionError("asInt: the number is beyond the range of an int64")
    return Int64(value)


def _number(name: str, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConditionError(f"{name}() not supported on {go_name(value)}")
    return value


def _float(name: str, value: object) -> float:
    if not isinstance(value, float):
        raise ConditionError(f"{name} takes a float64, found {go_name(value)}; use asFloat")
    return value
