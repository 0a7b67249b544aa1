r"""Masking: what differs from one line to the next of the same call site becomes `<*>`.

The expression is written for two engines, Python's and Rust's (polars'), so it does without what only
one of them has. In Rust every search is linear; in Python it is used for short texts only.
"""

import re

MASK = "<*>"

MAX_MASKED = 4096
"""Characters of a line that make up its template."""

SEPARATOR = "\x1f"
"""Stands between the parts of a structured line while they are masked together."""

_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_WORD = "[A-Za-z_]*[0-9][0-9A-Za-z_]*"

# Quoted values; and any word with a digit in it, with what hangs on by . : - + , / and has a digit too:
# times, addresses, versions, sizes, most ids. A UUID may begin with letters only; a date has names in it.
VARIABLE = (
    rf'"[^"{SEPARATOR}]+"'
    rf"|\B'[^'{SEPARATOR}]+'\B"
    r"|\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
    rf"|\b{_DAY},? {_MONTH}\b"
    rf"|{_WORD}(?:[.:,+/-]{{1,3}}(?:{_WORD}|{_MONTH}[/-]{_WORD})| {_MONTH} [0-9]+)*"
)
RUST_VARIABLE = VARIABLE.replace(r"\b", r"(?-u:\b)").replace(r"\B", r"(?-u:\B)")
"""The same for polars: boundaries of ASCII words only, which its automaton finds without turning back."""

_PATTERN = re.compile(VARIABLE)
_SHORT = 600


def mask(text: str) -> str:
    """The template of a short text: of at most its first 600 characters.

    >>> mask('2026-01-31T12:00:00Z GET "/cart" took 31ms')
    '<*> GET <*> took <*>'
    """
    return _PATTERN.sub(MASK, text[:_SHORT])
