"""Which static types the binary operators take and give (expr v1.15.5, checker/checker.go)."""

from collections.abc import Callable
from typing import Final

from ._kinds import Static

Rule = Callable[[Static, Static], Static | None]


def _is_number(static: Static) -> bool:
    return static.is_number


def _is_integer(static: Static) -> bool:
    return static.is_integer


def _is_string(static: Static) -> bool:
    return static is Static.STRING


def _is_bool(static: Static) -> bool:
    return static is Static.BOOL


def _rule(
    result: Static | Callable[[Static, Static], Static],
    *accepted: Callable[[Static], bool],
    unknown: Static | None = None,
) -> Rule:
    """A rule: both operands accepted by one test, or one of them unknown (expr's `or`).

    `unknown` is the type then, where it is another one than `result`.
    """

    def apply(left: Static, right: Static) -> Static | None:
        known = [static for static in (left, right) if static is not Static.ANY]
        if not any(all(map(test, known)) for test in accepted):
            return None
        if len(known) < 2 and unknown is not None:
            return unknown
        return result if isinstance(result, Static) else result(left, right)

    return apply


def _combined(left: Static, right: Static) -> Static:
    if left is right:
        return left
    return Static.FLOAT if Static.FLOAT in {left, right} else Static.INT


def _sum(left: Static, right: Static) -> Static:
    return Static.STRING if left is Static.STRING else _combined(left, right)


def _equality(left: Static, right: Static) -> Static | None:
    return Static.BOOL if comparable(left, right) else None


def comparable(left: Static, right: Static) -> bool:
    """Whether `==` can compare them."""
    return (
        left is right
        or not {left, right}.isdisjoint({Static.NIL, Static.ANY})
        or (left.is_number and right.is_number)
    )


def _coalesced(left: Static, right: Static) -> Static:
    if left is Static.NIL:
        return right
    return left if right in {Static.NIL, left} or left is Static.ANY else Static.ANY


RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys(("==", "!="), _equality),
    **dict.fromkeys(("and", "or"), _rule(Static.BOOL, _is_bool)),
    **dict.fromkeys(("<", ">", ">=", "<="), _rule(Static.BOOL, _is_number, _is_string)),
    **dict.fromkeys("-*", _rule(_combined, _is_number, unknown=Static.ANY)),
    **dict.fromkeys("/^", _rule(Static.FLOAT, _is_number)),
    "%": _rule(_combined, _is_integer, unknown=Static.ANY),
    "+": _rule(_sum, _is_number, _is_string, unknown=Static.ANY),
    **dict.fromkeys(("contains", "startsWith", "endsWith"), _rule(Static.BOOL, _is_string)),
    "??": _coalesced,
}
