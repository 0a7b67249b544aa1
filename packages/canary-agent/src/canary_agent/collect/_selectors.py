"""Kubernetes label selectors.

Source: k8s.io/apimachinery/pkg/labels, Parse and Requirement.Matches: requirements are joined by
commas and all must hold; `!=` and `notin` also hold where the label is missing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ._model import CollectError

_KEY = r"[A-Za-z0-9](?:[A-Za-z0-9./_-]{0,315}[A-Za-z0-9])?"
_VALUE = r"[A-Za-z0-9._-]{0,63}"
_REQUIREMENT = re.compile(
    rf"\s*(?:(?P<absent>!)\s*(?P<absent_key>{_KEY})"
    rf"|(?P<set_key>{_KEY})\s+(?P<set_op>in|notin)\s*\((?P<values>[^()]{{0,2000}})\)"
    rf"|(?P<key>{_KEY})\s*(?:(?P<op>==|=|!=)\s*(?P<value>{_VALUE}))?)\s*(?:,|$)"
)
_SET_VALUE = re.compile(_VALUE)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on one label: a value `among` a set (None: any), or its opposite."""

    key: str
    among: frozenset[str] | None
    negated: bool = False

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether these labels keep the condition."""
        present = self.key in labels
        holds = present and (self.among is None or labels[self.key] in self.among)
        return holds != self.negated


@dataclass(frozen=True, slots=True)
class Selector:
    """All requirements of one selector; none at all match everything."""

    requirements: tuple[Requirement, ...]

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether these labels keep every requirement."""
        return all(requirement.matches(labels) for requirement in self.requirements)


def parse_selector(text: str) -> Selector:
    """Reads `role=canary,tier in (web, api),!legacy`.

    Raises:
        CollectError: the text is no label selector; names the place.
    """
    requirements, position = [], 0
    while position < len(text.rstrip()):
        match = _REQUIREMENT.match(text, position)
        if match is None:
            raise CollectError(
                f"label selector: found {text[position : position + 40]!a} at character {position},"
                " expected key=value, key!=value, key in (a, b), key notin (a, b), key or !key"
            )
        requirements.append(_requirement(match))
        position = match.end()
    return Selector(tuple(requirements))


def _requirement(match: re.Match[str]) -> Requirement:
    if match["absent"]:
        return Requirement(match["absent_key"], None, negated=True)
    if match["set_key"]:
        values = frozenset(value.strip() for value in match["values"].split(","))
        for value in values:
            if not _SET_VALUE.fullmatch(value):
                raise CollectError(f"label selector: {value[:63]!a} is no label value")
        return Requirement(match["set_key"], values, negated=match["set_op"] == "notin")
    if not match["op"]:
        return Requirement(match["key"], None)
    return Requirement(match["key"], frozenset({match["value"]}), negated=match["op"] == "!=")
