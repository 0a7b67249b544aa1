"""What a rule of redaction is, and the pieces that many are made of."""

import re
from collections.abc import Callable
from dataclasses import dataclass

Gate = Callable[[str, str], object]
"""Says of a text, and of the same casefolded, whether a rule need look at it: quick, and never wrongly no."""

MARK = r"\[(?:secret|token|credentials|private key|card number|e-mail|IBAN)\]"
"""What rules put in place of a secret; no rule takes it for one."""

BEGIN = r"(?:(?<![A-Za-z0-9_\\])|(?<=\\)(?![nrtfbu])|(?<=\\[nrtfb])|(?<=\\u[0-9A-Fa-f]{4})|(?<=\\x[0-9a-f]{2}))"
"""Where a word may begin: escapes of JSON end in letters that are no part of it."""

QUOTE = r"(?:\\{0,7}[\"'`]|%22|%27|&quot;|\\u0022)"
"""A quotation mark, escaped as often as JSON within JSON within JSON does."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of secret: `hide` is asked where the gate lets a text pass."""

    gate: Gate
    hide: Callable[[str], str]


def rule(gate: Gate, pattern: str, replacement: str | Callable[[re.Match[str]], str]) -> Rule:
    """A rule that replaces what an expression matches; every repeat in it is bounded."""
    compiled = re.compile(pattern)
    return Rule(gate, lambda text: compiled.sub(replacement, text))


def always(text: str, folded: str) -> bool:
    """Passes every text."""
    del text, folded
    return True


def has(*words: str) -> Gate:
    """Passes texts with one of the words, in this case."""

    def gate(text: str, folded: str) -> bool:
        del folded
        return any(word in text for word in words)

    return gate


def has_folded(*words: str) -> Gate:
    """Passes texts with one of the words, given in lower case, in any case."""

    def gate(text: str, folded: str) -> bool:
        del text
        return any(word in folded for word in words)

    return gate
