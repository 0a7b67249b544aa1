"""Number and string literals, with expr's rules and its gaps (parser/lexer, parser/parser.go)."""

import math
import re
from typing import Final

from ._errors import ConditionError

MAX_INT: Final = 2**63 - 1
MIN_INT: Final = -(2**63)

_NUMBER: Final = re.compile(
    r"""
      0[xX][0-9a-fA-F_]*
    | (?: [0-9][0-9_]* (?: \.(?!\.) [0-9_]* )? | \.[0-9][0-9_]* ) (?: [eE][+-]?[0-9_]* )?
    """,
    re.VERBOSE,
)
_HEX: Final = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SIMPLE_ESCAPES: Final = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
}
_CODE_ESCAPES: Final = re.compile(
    r"x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})|(?P<octal>[0-3][0-7]{2})"
)
_LAST_CODE_POINT: Final = 0x10FFFF
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


def read_number(expression: str, start: int) -> tuple[int | float, int]:
    """Reads the number literal at `start`.

    Returns:
        Its value, a float where it is written with a point or an exponent, and where it ends.

    Raises:
        ConditionError: it is malformed, or does not fit into an int64 or a finite float64.
    """
    match = _NUMBER.match(expression, start)
    end = start if match is None else match.end()
    text = expression[start:end].replace("_", "")
    if end < len(expression) and (expression[end].isalnum() or expression[end] in "_$"):
        raise ConditionError(f"malformed number {expression[start : end + 1]!r}", start)
    if _HEX.fullmatch(text):
        return _int64(int(text, 16), text, start), end
    if text.isdecimal():
        return _int64(int(text), text, start), end
    if not _FLOAT.fullmatch(text):
        raise ConditionError(f"malformed number {text!r}", start)
    value = float(text)
    if math.isinf(value):
        raise ConditionError(f"number {text} is beyond the range of a float64", start)
    return value, end


def _int64(value: int, text: str, start: int) -> int:
    if value > MAX_INT:
        raise ConditionError(f"integer {text} is beyond the range of an int64", start)
    return value


def read_string(expression: str, start: int) -> tuple[str, int]:
    """Reads the string literal at `start`, in single or double quotes.

    Returns:
        Its content, each line end in it as a line feed, and where it ends.

    Raises:
        ConditionError: its end is missing, or an escape is none that the language has.
    """
    quote = expression[start]
    parts: list[str] = []
    position = start + 1
    while True:
        character = expression[position : position + 1]
        if character in {"", "\n"}:
            raise ConditionError("string without its closing quote", start)
        if character == quote:
            return "".join(parts).replace("\r\n", "\n").replace("\r", "\n"), position + 1
        if character == "\\":
            text, position = _read_escape(expression, position, quote)
            parts.append(text)
        else:
            parts.append(character)
            position += 1


def _read_escape(expression: str, backslash: int, quote: str) -> tuple[str, int]:
    after = backslash + 1
    simple = expression[after : after + 1]
    if simple == quote:
        return quote, after + 1
    if simple in _SIMPLE_ESCAPES:
        return _SIMPLE_ESCAPES[simple], after + 1
    match = _CODE_ESCAPES.match(expression, after)
    if match is None:
        raise ConditionError(f"unknown escape '\\{simple}' in a string", backslash)
    digits = match[match.lastgroup or 0]
    code = int(digits, 8 if match.lastgroup == "octal" else 16)
    if code > _LAST_CODE_POINT:
        raise ConditionError(f"'\\U{digits}' is no character of Unicode", backslash)
    surrogate = 0xD800 <= code <= 0xDFFF
    return (_REPLACEMENT if surrogate else chr(code)), match.end()
