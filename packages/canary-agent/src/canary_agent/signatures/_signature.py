"""What a signature is."""

import re
from dataclasses import dataclass
from enum import IntEnum

# What may be taken over from a log line into a sentence of ours: a name, an address, nothing more.
_TARGET = r"([A-Za-z0-9/_@][A-Za-z0-9_.:/$@-]{0,100}[A-Za-z0-9])"


class Depth(IntEnum):
    """How near to the root of a fault a signature comes, the nearest first.

    A CAUSE says what is wrong. A GENERAL one says what kind of thing is wrong, and another line may say it
    better. A SYMPTOM is what is seen, and something else may say why.
    """

    CAUSE = 0
    GENERAL = 1
    SYMPTOM = 2


@dataclass(frozen=True, slots=True)
class Signature:
    """One known cause.

    The pattern's groups are what the cause is about, at most one of them in a match.
    `cause` and `remedy` are whole sentences; `{target}` in the cause stands for what the expression
    named so found, with a colon before it, and is left out where it found nothing.
    """

    name: str
    pattern: re.Pattern[str]
    cause: str
    remedy: str
    depth: Depth = Depth.CAUSE


def one(
    name: str, cause: str, remedy: str, *patterns: str, depth: Depth = Depth.CAUSE
) -> Signature:
    """A signature of which any pattern is proof, case ignored; `TARGET` in one is a name or an address.

    Texts are of at most 2,000 characters, and no pattern has a repeat without a bound, but for single
    characters: so none takes long.
    """
    joined = "|".join(patterns).replace("TARGET", _TARGET)
    return Signature(name, re.compile(joined, re.IGNORECASE), cause, remedy, depth)
