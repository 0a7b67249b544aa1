"""What a user's own words (extraPrompt) excuse: rules of accepted templates, made before any log is read."""

from ._rules import MAX_RULES, Rules, rules_from

__all__ = ["MAX_RULES", "Rules", "rules_from"]
