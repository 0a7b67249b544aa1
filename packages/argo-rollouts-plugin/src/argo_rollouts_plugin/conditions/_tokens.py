"""Tokens of the expression language (expr v1.15.5, parser/lexer)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from ._errors import ConditionError
from ._literals import read_number, read_string

_WORD_OPERATORS: Final = frozenset(
    {"not", "in", "or", "and", "matches", "contains", "startsWith", "endsWith", "let"}
)
_BRACKETS: Final = frozenset("()[]{}")
_SINGLE: Final = frozenset(",:;%+-^")
_DOUBLED: Final = {
    **dict.fromkeys("&!=*<>", frozenset("&=*")),
    "|": frozenset("|"),
    "?": frozenset(".?"),
    ".": frozenset("."),
    "/": frozenset(),
    "#": frozenset("#"),
}
_SHOWN: Final = 40
# Python counts these as white space, Go does not.
_NOT_SPACE_IN_GO: Final = frozenset("\x1c\x1d\x1e\x1f")


class Kind(Enum):
    """What a token is."""

    NAME = "name"
    NUMBER = "number"
    STRING = "string"
    OPERATOR = "operator"
    BRACKET = "bracket"
    END = "end of expression"


@dataclass(frozen=True, slots=True)
class Token:
    """A token.

    Attributes:
        text: as written; of a string, its content.
        position: where it begins, in characters from 0.
        value: of a number, its value: int or float.
    """

    kind: Kind
    text: str
    position: int
    value: int | float = 0

    def is_operator(self, *texts: str) -> bool:
        """Whether this is one of these operators."""
        return self.kind is Kind.OPERATOR and self.text in texts

    def is_bracket(self, text: str) -> bool:
        """Whether this is that bracket."""
        return self.kind is Kind.BRACKET and self.text == text

    def __str__(self) -> str:
        return self.kind.value + (f" {self.text[:_SHOWN]!r}" if self.text else "")


def tokenize(expression: str) -> list[Token]:
    """Splits an expression; the last token is of kind END.

    Raises:
        ConditionError: a character or literal that the language does not have.
    """
    return [*_tokens(expression), Token(Kind.END, "", len(expression))]


def is_name_character(character: str) -> bool:
    """Whether a name may hold it: a letter, a decimal digit, `_` or `$`."""
    return character in {"_", "$"} or character.isalpha() or character.isdecimal()


def _tokens(expression: str) -> Iterator[Token]:
    position = 0
    while position < len(expression):
        after = _skip_blank(expression, position)
        if after == position:
            token, after = _token(expression, position)
            yield token
        position = after


def _skip_blank(expression: str, start: int) -> int:
    if expression[start].isspace() and expression[start] not in _NOT_SPACE_IN_GO:
        return start + 1
    if expression.startswith("//", start):
        end = expression.find("\n", start)
        return len(expression) if end < 0 else end + 1
    if expression.startswith("/*", start):
        end = expression.find("*/", start + 2)
        if end < 0:
            raise ConditionError("comment without its end */", start)
        return end + 2
    return start


def _token(expression: str, start: int) -> tuple[Token, int]:
    first = expression[start]
    following = expression[start + 1 : start + 2]
    if first in "0123456789" or (first == "." and following and following in "0123456789"):
        value, end = read_number(expression, start)
        return Token(Kind.NUMBER, expression[start:end], start, value), end
    if first in {'"', "'"}:
        text, end = read_string(expression, start)
        return Token(Kind.STRING, text, start), end
    if first in _BRACKETS:
        return Token(Kind.BRACKET, first, start), start + 1
    if first in _SINGLE:
        return Token(Kind.OPERATOR, first, start), start + 1
    if first in _DOUBLED:
        end = start + (2 if following and following in _DOUBLED[first] else 1)
        return Token(Kind.OPERATOR, expression[start:end], start), end
    if is_name_character(first):
        return _word(expression, start)
    raise ConditionError(f"unexpected character {first!r}", start)


def _word(expression: str, start: int) -> tuple[Token, int]:
    end = start
    while end < len(expression) and is_name_character(expression[end]):
        end += 1
    text = expression[start:end]
    kind = Kind.OPERATOR if text in _WORD_OPERATORS else Kind.NAME
    return Token(kind, text, start), end
