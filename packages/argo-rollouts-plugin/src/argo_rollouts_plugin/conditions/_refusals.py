"""What a condition may not say, and what to say instead."""

from . import _functions as functions
from ._errors import ConditionError
from ._tokens import Token


def stray_negation(negation: Token, token: Token, *, known: bool) -> ConditionError:
    """With `-a not in b` or `a == b not in c` expr reads over the `not` and answers the opposite."""
    reason = f"expected an operator such as 'in' after 'not', found {token}"
    if known:
        reason = f"this 'not' would be lost; write not (... {token.text} ...)"
    return ConditionError(reason, negation.position)


def unknown_name(name: str, *, called: bool) -> str:
    """The text for a name that means nothing here."""
    what = "function" if called else "name"
    hint = f"; {name} is a function, write {name}(...)" if name in functions.FUNCTIONS else ""
    known = ", ".join(sorted({*functions.FUNCTIONS, "any", "all"}))
    return f"the {what} {name[:40]!r} is not supported{hint or f'; there are result and {known}'}"
