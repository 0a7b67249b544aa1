"""Masking: what differs from one line to the next of the same call site becomes `<*>`."""

import re

MASK = "<*>"

MAX_MASKED = 4096
"""Characters of a line that make up its template."""

# Quoted values; and any word with a digit in it, with what hangs on by . : - + , / and has a digit too:
# times, addresses, versions, sizes, most ids. Each alternative begins at a place where the one before it cannot, and every repeat is bounded or
# over one class, so that time is linear in the line.
_VARIABLE = re.compile(
    r'"[^"]{1,512}"'
    r"|(?<!\w)'[^']{1,256}'(?!\w)"
    r"|\b[^\W\d]{0,40}\d\w*(?:[.:,+/-]{1,3}[^\W\d]{0,40}\d\w*)*"
)


def mask(text: str) -> str:
    """The template of a text.

    >>> mask('2026-01-31T12:00:00Z GET "/cart" took 31ms')
    '<*> GET <*> took <*>'
    """
    return _VARIABLE.sub(MASK, text[:MAX_MASKED])
