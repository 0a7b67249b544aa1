"""The policy's list of templates to ignore: parts of a template's text, or regular expressions.

Whoever writes an AnalysisTemplate writes these expressions, and none of them may hold the agent: RE2 (Cox,
"Regular Expression Matching in the Wild", 2010) matches by automaton, in time that is linear in the text.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Protocol

import re2  # type: ignore[import-untyped]

from ._table import SideTable
from .parse import Severity

# What other engines know and RE2 does not, and what to write in its place.
_INSTEAD = (
    (
        re.compile(r"\(\?<?[=!]"),
        "looks around; name the text itself, in as many patterns as it takes",
    ),
    (re.compile(r"\\[1-9]|\(\?P="), "refers back; write that text out again"),
    (re.compile(r"\(\?>"), "keeps what it has matched; write (?: in its place"),
    (re.compile(r"\(\?\("), "is conditional; write two patterns"),
    (re.compile(r"\{\d{4}|\}[)]{0,9}\{\d{3}"), "repeats more than 1,000 times; write * or +"),
)


class _Expression(Protocol):
    def search(self, text: bytes) -> object: ...

    def match(self, text: bytes) -> object: ...


class PolicyError(ValueError):
    """A policy that cannot be followed; names the field, what was found and what is allowed."""


def accepted_keys(
    patterns: Sequence[str], tables: Iterable[SideTable]
) -> set[tuple[str, Severity]]:
    """Keys of the templates that a pattern is part of, or matches as a regular expression of RE2.

    Raises:
        PolicyError: an expression matches everything, or is one that RE2 does not know.
    """
    expressions = [expression for pattern in patterns if (expression := _compiled(pattern))]
    keys = {key for table in tables for key in table.templates} if patterns else set()
    return {
        key
        for key in keys
        if any(pattern in key[0] for pattern in patterns)
        or any(expression.search(_bytes(key[0])) for expression in expressions)
    }


def _compiled(pattern: str) -> _Expression | None:
    """The expression, of bytes; None for text that is none and so can only be part of a template."""
    options = re2.Options()
    options.log_errors = False
    try:
        expression: _Expression = re2.compile(_bytes(pattern), options)
    except re2.error as error:
        for construct, advice in _INSTEAD:
            if construct.search(pattern):
                raise PolicyError(
                    f"policy.accepted: {pattern[:80]!a} {advice}; patterns are RE2's, which bounds their time"
                ) from error
        return None
    if not pattern or expression.match(b""):
        # Such an expression matches every template: as a rule to ignore, it can only be a mistake.
        raise PolicyError(f"policy.accepted: {pattern[:80]!a} matches everything; name some text")
    return expression


def _bytes(text: str) -> bytes:
    # Structured lines may escape half of a surrogate pair, which has no UTF-8.
    return text.encode("utf-8", "replace")
