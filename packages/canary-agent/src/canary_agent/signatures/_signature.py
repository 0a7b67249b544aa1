"""What a signature is."""

import re
from dataclasses import dataclass

# What may be taken over from a log line into a sentence of ours: a name, an address, nothing more.
_TARGET = r"([A-Za-z0-9][A-Za-z0-9_.:/-]{0,80}[A-Za-z0-9])"


@dataclass(frozen=True, slots=True)
class Signature:
    """One known cause.

    The pattern's groups are what the cause is about, at most one of them in a match.
    `cause` and `remedy` are whole sentences; `{target}` in the cause stands for what the expression
    named so found, with the words before it, and is left out where it found nothing.
    """

    name: str
    pattern: re.Pattern[str]
    cause: str
    remedy: str


def one(name: str, pattern: str, cause: str, remedy: str) -> Signature:
    """A signature; `TARGET` in its pattern stands for a name or an address."""
    return Signature(
        name, re.compile(pattern.replace("TARGET", _TARGET), re.IGNORECASE), cause, remedy
    )
