"""The policy's list of templates to ignore: parts of a template's text, or regular expressions."""

import re
from collections.abc import Iterable, Sequence

from ._table import SideTable
from .parse import Severity

# Whoever writes an AnalysisTemplate writes these expressions: none of them may hold the agent.
_MAX_SUBJECT = 300
_MAX_REPEATS = 2
_UNBOUNDED = re.compile(r"(?<!\\)(?:\\\\)*([*+]|\{\d*,\d{0,9}\})")
_NESTED = re.compile(r"\)(?:[*+?]|\{\d)")
_BACKREFERENCE = re.compile(r"\\[1-9]|\(\?P=")


class PolicyError(ValueError):
    """A policy that cannot be followed; names the field, what was found and what is allowed."""


def accepted_keys(
    patterns: Sequence[str], tables: Iterable[SideTable]
) -> set[tuple[str, Severity]]:
    """Keys of the templates that a pattern is part of, or matches as a regular expression.

    Raises:
        PolicyError: an expression repeats a group, refers back, or has more than two unbounded
            repeats, so that its time cannot be bounded.
    """
    expressions = [expression for pattern in patterns if (expression := _compiled(pattern))]
    keys = {key for table in tables for key in table.templates} if patterns else set()
    return {
        key
        for key in keys
        if any(pattern in key[0] for pattern in patterns)
        or any(expression.search(key[0][:_MAX_SUBJECT]) for expression in expressions)
    }


def _compiled(pattern: str) -> re.Pattern[str] | None:
    """The expression; None for text that is none and so can only be part of a template."""
    try:
        expression = re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return None
    if not pattern or expression.match(""):
        # Such an expression matches every template: as a rule to ignore, it can only be a mistake.
        raise PolicyError(f"policy.accepted: {pattern[:80]!a} matches everything; name some text")
    if (
        _NESTED.search(pattern)
        or _BACKREFERENCE.search(pattern)
        or len(_UNBOUNDED.findall(pattern)) > _MAX_REPEATS
    ):
        raise PolicyError(
            f"policy.accepted: {pattern[:80]!a} repeats a group, refers back or has more than"
            f" {_MAX_REPEATS} unbounded repeats; write it with fewer"
        )
    return expression
