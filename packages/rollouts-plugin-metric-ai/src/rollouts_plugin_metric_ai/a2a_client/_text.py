"""Foreign text made fit for an error message: short, one line, without secrets."""

import re
from collections.abc import Iterable

_SECRET = re.compile(
    r"""(?ix)
    \b[\w-]*(?:api[_-]?key|token|secret|passw(?:or)?d|authorization|cookie)[\w-]*
      ["']?\s*[:=]\s*["']?(?:(?:bearer|basic)\s+)?[^\s"',;&}]+
    | \b(?:bearer|basic)\s+[^\s"',;]+
    | \beyJ[\w-]{10,}\.[\w.-]*                  # a JSON Web Token
    | (?<=://)[^\s/@]+@                         # user and password of a URL
    """
)
REDACTED = "[redacted]"


def snippet(text: str, secrets: Iterable[str] = (), *, limit: int = 200) -> str:
    """One printable line of at most `limit` characters, with `secrets` and their like replaced."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, REDACTED)
    # Cut before the regular expression runs, so that its cost stays bounded.
    text = "".join(char if char.isprintable() else " " for char in text[: limit * 16])
    text = " ".join(text.split())[: limit * 4]
    text = _SECRET.sub(REDACTED, text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def kind_of(value: object) -> str:
    """A JSON value's kind in words, for an error text."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case str():
            return "a string"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "an object"
