"""Which parts of a text excuse something, and whether a word is of such a part.

A model reads the text, too, but does not decide this: the words that it may excuse are those that stand in
one clause with a word of excuse, and so nothing that the user did not write.
"""

import re
from collections.abc import Sequence

_BORDER = re.compile(
    r"[.;!?\u3002\uff1b\uff01](?:\s|$)|[\n\u3002\uff1b]|,?\s+(?:but|however|yet|except|unless|although|while|whereas|aber|mais|pero|sed)\s"
    r"|\s[-\u2013\u2014]\s",
    re.IGNORECASE,
)
# In several languages; where the words are of another one, nothing is excused, and the policy does it.
_EXCUSES = re.compile(
    r"\b(?:ignor\w*|disregard\w*|temporar\w*|transient|harmless|benign|expected(?! (?:to|below|under|within))"
    r"|known (?:issue|problem|warning|error|condition|message|noise|limitation|bug)s?|acceptabl\w+|accept|accepted"
    r"|tolera\w+|noise|noisy|skip|exclude|leave out|filter out|safe to|normal"
    r"|(?:not|isn't|aren't) (?:an? |any )?(?:real )?(?:problem|issue|error|concern|fault|failure|important|relevant|a sign)s?"
    r"|(?:no|without) (?:problem|concern|significance|importance)|(?:do not|don't|does not|doesn't) (?:matter|worry|alert|fail|count|care|mind)"
    r"|vor\u00fcbergehend\w*|erwartet\w*|harmlos\w*|unbedenklich\w*|temporaire\w*|attendu\w*|temporal\w*|esperad[oa]s?|temporane[aoi]"
    r"|\u0438\u0433\u043d\u043e\u0440\w*|\u0432\u0440\u0435\u043c\u0435\u043d\u043d\w*|\u043e\u0436\u0438\u0434\u0430\u0435\u043c\w*)\b"
    r"|\u5ffd\u7565|\u6682\u65f6|\u6b63\u5e38|\u9884\u671f|\u7121\u8996|\u4e00\u6642\u7684|\u60f3\u5b9a|\ubb34\uc2dc|\uc77c\uc2dc\uc801",
    re.IGNORECASE,
)
# "do not ignore ..." and its kin; those that excuse are in the expression above.
_DENIES = re.compile(
    r"\b(?:not|never|don't|doesn't|isn't|aren't|cannot|can't|mustn't|no longer|nicht|kein\w*|jamais|nunca)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z0-9_]+|[^\W\d_]+")
_ENDING = re.compile(r"(?:s|es|ed|ing)$")
_LEAST_STEM = 3


def excusing_clauses(text: str) -> list[str]:
    """The clauses of a user's text that excuse something.

    >>> excusing_clauses("Ignore color changes, but watch errors. Do not ignore timeouts!")
    ['Ignore color changes']
    """
    clauses = (clause.strip() for clause in _BORDER.split(text))
    return [clause for clause in clauses if _excuses(clause)]


def clause_with(words: Sequence[str], clauses: Sequence[str]) -> str:
    """The first clause that has all the words, in whatever number or tense; empty where none has."""
    wanted = {stem(word) for word in words}
    return next(
        (clause for clause in clauses if wanted <= {stem(word) for word in words_of(clause)}), ""
    )


def words_of(text: str) -> list[str]:
    """Its words, without what stands between them."""
    return _WORD.findall(text)


def stem(word: str) -> str:
    """A word without case and ending: `changes`, `changed` and `Change` are one."""
    folded = word.casefold()
    shorter = _ENDING.sub("", folded)
    shorter = shorter if len(shorter) >= _LEAST_STEM else folded
    return shorter.removesuffix("e") if len(shorter) > _LEAST_STEM else shorter


def _excuses(clause: str) -> bool:
    return bool(_EXCUSES.search(clause)) and not _DENIES.search(_EXCUSES.sub(" ", clause))
