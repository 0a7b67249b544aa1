"""The bounds of a condition. It comes from an AnalysisTemplate, which a tenant writes."""

from typing import Final

EXPRESSION_CHARS: Final = 8192
"""Longest expression."""

NESTING: Final = 64
"""Deepest nesting of an expression: of brackets as written, and of operations as evaluated."""

STEPS: Final = 100_000
"""Most operations in one evaluation; `any` and `all` repeat theirs for each element."""

VALUE_ITEMS: Final = 100_000
"""Most elements that one comparison of arrays or maps, or one `in`, looks at."""
