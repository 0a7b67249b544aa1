"""Finds the known cause of a piece of log text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from canary_verdict.redaction import redact

from ._signature import Depth, Signature
from ._table import SIGNATURES

_MAX_TEXT = 2_000
_MAX_MATCHES = 20
_MAX_PARTS = 6

# Java, Kotlin, Rust's anyhow and Ruby tell the outermost error first and then what caused it, .NET in one line.
_INWARDS = re.compile(r"\bCaused by:|\[cause\]:| ---> ", re.IGNORECASE)
# Python tells it the other way around.
_OUTWARDS = re.compile(
    r"The above exception was the direct cause of|During handling of the above exception"
)


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause in one sentence, and what to do about it; `name` is the signature's, `depth` its kind.

    `rank` is the signature's place in the table, from the particular to the general.
    """

    name: str
    sentence: str
    remedy: str
    depth: Depth = Depth.CAUSE
    rank: int = 0


def find_cause(text: str) -> Cause | None:
    """The cause that the text names, or None.

    Where exceptions are chained, the innermost that has a signature counts; in one text the deepest
    signature, and of equal ones the first of the table. Where it matches more than once, the first match
    that names something counts.

    >>> find_cause("dial tcp db.shop:5432: connect: connection refused").sentence
    'A dependency refuses connections: db.shop:5432.'
    >>> find_cause("OrderError: x ---> TimeoutException: y").name
    'timeout'
    """
    found: Cause | None = None
    for part in _from_within(text[:_MAX_TEXT]):
        cause = _cause_of(part)
        if cause and (found is None or cause.depth < found.depth):
            found = cause
        if found and found.depth is Depth.CAUSE:
            break
    return found


def _from_within(text: str) -> Iterator[str]:
    """Parts of the text that tell of one error each, the innermost first; at last all of it."""
    inwards = _INWARDS.split(text, maxsplit=_MAX_PARTS)
    if len(inwards) > 1:
        yield from reversed(inwards[1:])
    outwards = _OUTWARDS.split(text, maxsplit=_MAX_PARTS)
    if len(outwards) > 1:
        yield outwards[0]
    yield text


def _cause_of(text: str) -> Cause | None:
    for rank, signature in enumerate(SIGNATURES):
        matches = list(islice(signature.pattern.finditer(text), _MAX_MATCHES))
        if matches:
            return _said(signature, rank, matches)
    return None


def _said(signature: Signature, rank: int, matches: list[re.Match[str]]) -> Cause:
    match = next((one for one in matches if one.lastindex), matches[0])
    target = match[match.lastindex] if match.lastindex else ""
    named = f": {redact(target, 100)}" if target else ""
    sentence = signature.cause.replace("{target}", named)
    return Cause(signature.name, sentence, signature.remedy, signature.depth, rank)
