"""Finds the known cause of a piece of log text."""

from dataclasses import dataclass
from itertools import islice

from canary_verdict.redaction import redact

from ._symptoms import SYMPTOMS
from ._table import SIGNATURES

_MAX_TEXT = 2_000
_MAX_MATCHES = 20


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause in one sentence, and what to do about it; `name` is the signature's.

    `symptom`: it says what is seen, and something else may say why.
    """

    name: str
    sentence: str
    remedy: str
    symptom: bool = False


def find_cause(text: str) -> Cause | None:
    """The first signature of the table that the text has, or None.

    Where it matches more than once, the first match that names something counts.

    >>> find_cause("dial tcp db.shop:5432: connect: connection refused").sentence
    'A dependency refuses connections: db.shop:5432.'
    """
    shown = text[:_MAX_TEXT]
    for signature in SIGNATURES:
        matches = list(islice(signature.pattern.finditer(shown), _MAX_MATCHES))
        if matches:
            match = next((one for one in matches if one.lastindex), matches[0])
            target = match[match.lastindex] if match.lastindex else ""
            named = f": {redact(target, 100)}" if target else ""
            sentence = signature.cause.replace("{target}", named)
            return Cause(signature.name, sentence, signature.remedy, signature in SYMPTOMS)
    return None
