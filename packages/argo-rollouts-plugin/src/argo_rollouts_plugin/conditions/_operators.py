"""The operators of the language and how tightly they bind (expr v1.15.5, parser/operator)."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Operator:
    """A binary operator; a higher precedence binds more tightly."""

    precedence: int
    right_associative: bool = False


UNARY: Final = {"not": 50, "!": 50, "-": 90, "+": 90}
BINARY: Final = {
    "|": Operator(0),
    "or": Operator(10),
    "||": Operator(10),
    "and": Operator(15),
    "&&": Operator(15),
    **dict.fromkeys(("==", "!=", "<", ">", ">=", "<="), Operator(20)),
    **dict.fromkeys(("in", "matches", "contains", "startsWith", "endsWith"), Operator(20)),
    "..": Operator(25),
    "+": Operator(30),
    "-": Operator(30),
    **dict.fromkeys("*/%", Operator(60)),
    "**": Operator(100, right_associative=True),
    "^": Operator(100, right_associative=True),
    "??": Operator(500),
}
SYNONYMS: Final = {"&&": "and", "||": "or", "**": "^", "!": "not"}
REFUSED_OPERATORS: Final = {
    "|": "pipes ('|') are not supported; write the call as f(x)",
    "..": "ranges ('..') are not supported; compare with >= and <=",
    "matches": "the operator 'matches' is not supported; there are contains, startsWith, endsWith",
}
