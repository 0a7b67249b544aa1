"""Operations on values as Go does them (expr v1.15.5, vm/runtime).

Integers wrap at 64 bits, division is always one of floats, an integer beside a float becomes a
float, and no other types mix.
"""

import math
import operator
from collections.abc import Callable
from typing import Any, Final, TypeGuard

from ._errors import ConditionError
from ._kinds import Byte, Int64, admitted, go_name
from ._literals import MAX_INT

Spend = Callable[[int], None]
"""Counts elements that are looked at; raises ConditionError where they are too many."""

_BYTE_VALUES: Final = 256


def negate(value: object) -> object:
    """`-value`, of the same type.

    Raises:
        ConditionError: it is no number.
    """
    if isinstance(value, float):
        return -value
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConditionError(f"invalid operation: - {go_name(value)}")
    if isinstance(value, Byte):
        return Byte(-value % _BYTE_VALUES)
    negative = _wrapped(-value)
    return Int64(negative) if isinstance(value, Int64) else negative


def arithmetic(sign: str, left: object, right: object) -> object:
    """One of `+ - * / % ^`.

    Raises:
        ConditionError: the operator does not take such values, or an integer is divided by zero.
    """
    if sign == "+" and isinstance(left, str) and isinstance(right, str):
        return left + right
    if not (_numeric(left) and _numeric(right)):
        raise _invalid(sign, left, right)
    if sign in _FLOAT_OPERATIONS:
        return _FLOAT_OPERATIONS[sign](float(left), float(right))
    if isinstance(left, float) or isinstance(right, float):
        if sign == "%":
            raise _invalid(sign, left, right)
        return _OPERATIONS[sign](float(left), float(right))
    return _wrapped(_OPERATIONS[sign](int(left), int(right)))


def compare(sign: str, left: object, right: object) -> bool:
    """One of `< > <= >=`, for two numbers or two strings.

    Raises:
        ConditionError: other types.
    """
    if isinstance(left, str) and isinstance(right, str):
        return _COMPARISONS[sign](left, right)
    if not (_numeric(left) and _numeric(right)):
        raise _invalid(sign, left, right)
    if isinstance(left, float) or isinstance(right, float):
        return _COMPARISONS[sign](float(left), float(right))
    return _COMPARISONS[sign](left, right)


def equal(left: object, right: object, spend: Spend) -> bool:
    """`==`: numbers by value, all else by type and content, elements of arrays by type too."""
    if _numeric(left) and _numeric(right):
        if isinstance(left, float) or isinstance(right, float):
            return float(left) == float(right)
        return left == right
    return _deeply_equal(left, right, spend)


def contains(container: object, needle: object, spend: Spend) -> bool:
    """`needle in container`, for arrays and for keys of maps; nothing is in nil.

    Raises:
        ConditionError: another container, or a key that is no string.
    """
    if container is None:
        return False
    if isinstance(container, list):
        spend(len(container))
        return any(equal(admitted(item), needle, spend) for item in container)
    if isinstance(container, dict):
        return _map_key(needle) in container
    raise ConditionError(f'operator "in" not defined on {go_name(container)}')


def fetch(base: object, key: object) -> object:
    """`base[key]`: an element, counted from the end where negative, a map's value, a string's byte.

    Raises:
        ConditionError: there is none; a map gives nil for a key that it has not.
    """
    if isinstance(base, dict):
        return admitted(base.get(_map_key(key)))
    if isinstance(base, str):
        encoded = base.encode("utf-8", "surrogatepass")
        return Byte(encoded[_index(key, len(encoded))])
    if isinstance(base, list):
        return admitted(base[_index(key, len(base))])
    raise ConditionError(f"cannot fetch {_shown(key)} from {go_name(base)}")


def _deeply_equal(left: object, right: object, spend: Spend) -> bool:
    pairs = [(left, right)]
    while pairs:
        first, second = (admitted(value) for value in pairs.pop())
        if type(first) is not type(second):
            return False
        if first is second and isinstance(first, list | dict):
            continue
        if isinstance(first, list) and isinstance(second, list):
            if len(first) != len(second):
                return False
            spend(len(first))
            pairs.extend(zip(first, second, strict=True))
        elif isinstance(first, dict) and isinstance(second, dict):
            if first.keys() != second.keys():
                return False
            spend(len(first))
            pairs.extend((first[key], second[key]) for key in first)
        elif first != second:
            return False
    return True


def _map_key(key: object) -> str:
    if key is None:
        return ""
    if not isinstance(key, str):
        raise ConditionError(f"the keys of a map are strings, found {go_name(key)}")
    return key


def _index(key: object, length: int) -> int:
    if not _numeric(key) or not math.isfinite(key):
        raise ConditionError(f"an index is a number, found {_shown(key)}")
    index = int(key)
    if not -length <= index < length:
        raise ConditionError(f"index {index} is out of range, there are {length} elements")
    return index


def _numeric(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _wrapped(value: int) -> int:
    return (value + MAX_INT + 1) % (2 * (MAX_INT + 1)) - MAX_INT - 1


def _divide(left: float, right: float) -> float:
    """IEEE 754 division, which Python's is but for a zero divisor."""
    if right != 0.0:
        return left / right
    if left == 0.0 or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


def _power(left: float, right: float) -> float:
    """Go's math.Pow; the last bit may be another one where the result is not exact."""
    try:
        return math.pow(left, right)
    except OverflowError:
        odd = math.fmod(right, 2.0) != 0.0
        return -math.inf if left < 0 and odd else math.inf
    except ValueError:
        if left != 0.0:
            return math.nan
        odd = abs(math.fmod(right, 2.0)) == 1.0
        return math.copysign(math.inf, left) if odd else math.inf


def _remainder(left: int, right: int) -> int:
    """Has the sign of its dividend, as in Go."""
    if right == 0:
        raise ConditionError("integer divide by zero")
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


_FLOAT_OPERATIONS: Final[dict[str, Callable[[float, float], float]]] = {
    "/": _divide,
    "^": _power,
}
_OPERATIONS: Final[dict[str, Callable[..., Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "%": _remainder,
}
_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def _invalid(sign: str, left: object, right: object) -> ConditionError:
    return ConditionError(f"invalid operation: {go_name(left)} {sign} {go_name(right)}")


def _shown(key: object) -> str:
    return repr(key) if isinstance(key, str) else go_name(key)
