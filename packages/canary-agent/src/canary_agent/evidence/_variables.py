r"""Words that are variables: `user alice is gone`, `user bob is gone`, ... are one template, `user <*> is gone`.

Masks know numbers and quoted values only. Templates of one kind that agree in all words but one, and there
show ten words or more, differ in a variable. This is the last step of Drain (He, Zhu, Zheng and Lyu, IEEE
ICWS 2017), where lines of as many words join a group that they are similar to; but it looks at all unique
templates of both sides at once, so that their order does not matter, and it wants proof by many values,
since two errors that differ in a word are otherwise two errors.

>>> sites = [f"user {name} is gone" for name in "ann bob cid dan eve fay gus hal ida joe".split()]
>>> set(generalised([*sites, "user has gone home"]).values())
{'user <*> is gone'}
"""

from collections.abc import Iterable, Mapping

from ._table import SideTable
from .parse import MASK, Template

_LEAST_VALUES = 10
_MOST_WORDS = 40
_ROUNDS = 2

Words = tuple[str, ...]


def join_variables(sides: Iterable[SideTable]) -> None:
    """Joins the templates of both sides, and their durations, where they differ in variables only."""
    tables = list(sides)
    kinds: dict[tuple[object, ...], set[str]] = {}
    for table in tables:
        for counted in table.templates.values():
            if not counted.template.crash:
                kinds.setdefault(_kind(counted.template), set()).add(counted.template.site)
    joined = {
        (kind, site): text
        for kind, sites in kinds.items()
        for site, text in generalised(sites).items()
    }
    if joined:
        for table in tables:
            table.rename(lambda template: joined.get((_kind(template), template.site)))


def generalised(sites: Iterable[str]) -> Mapping[str, str]:
    """What becomes of each text that has a variable word; the others are left out."""
    by_length: dict[int, dict[Words, list[str]]] = {}
    for site in sites:
        words = tuple(site.split(" "))
        if len(words) <= _MOST_WORDS:
            by_length.setdefault(len(words), {})[words] = [site]
    for _ in range(_ROUNDS):
        by_length = {length: _round(texts) for length, texts in by_length.items()}
    return {
        site: " ".join(words)
        for texts in by_length.values()
        for words, origins in texts.items()
        for site in origins
        if " ".join(words) != site
    }


def _round(texts: Mapping[Words, list[str]]) -> dict[Words, list[str]]:
    if len(texts) < _LEAST_VALUES:
        return dict(texts)
    values: dict[tuple[int, Words], int] = {}
    for words in texts:
        for at in range(len(words)):
            key = at, words[:at] + words[at + 1 :]
            values[key] = values.get(key, 0) + 1
    found: dict[Words, list[str]] = {}
    for words, origins in texts.items():
        general = tuple(
            MASK if values[at, words[:at] + words[at + 1 :]] >= _LEAST_VALUES else word
            for at, word in enumerate(words)
        )
        found.setdefault(general, []).extend(origins)
    return found


def _kind(template: Template) -> tuple[object, ...]:
    return template.severity, template.status, template.exception
