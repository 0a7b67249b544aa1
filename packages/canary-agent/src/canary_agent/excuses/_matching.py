"""From what a model proposes to an expression that accepts templates, or a reason why not."""

import re
from collections.abc import Sequence

import re2  # type: ignore[import-untyped]

from canary_agent.signatures import SIGNATURES

from ._clauses import clause_with, stem, words_of

MAX_RULE = 200
_MOST_WORDS = 6
_LEAST_RULE = 4

# Words that stand in half of all lines: a rule of these alone would accept any of them.
_COMMON = frozenset(
    map(
        stem,
        words_of(
            "a an all and any app application as at be because bug by call canary case change client code condition"
            " connection container critical data debug do down during error event every everything exception fail"
            " failure fatal for from get has have high host http https id in info into is issue it job kind level"
            " line log low message metric name new no none normal not ok old on one or out output panic path pod"
            " post problem process put query rate request response result retry run server service severe some"
            " stable start state status stop task that the these thing this time to trace traceback type up user"
            " value version warn warning when with ignore temporary transient expected harmless known"
        ),
    )
)
# Literals, classes and repeats; no groups and no alternatives: those are rules of their own.
_EXPRESSION = re.compile(
    r"(?:[\w \-:;,/=@%&'\"!<>]|\\[dwsDSbB.\\/\-:\[\](){}+*?|^$]|\[[^\]\[\\]{1,40}\]|\.|[*+?]|\{\d{1,3}(?:,\d{0,3})?\}|[\^$])+"
)
# What is surely in every match: letters that are not optional.
_OPTIONAL = re.compile(
    r"(?:\\.|\[[^\]]{1,40}\]|.)(?:[*?]|\{0?,?\d{0,3}\}|\{0,\d{0,3}\})|\\.|\[[^\]]{1,40}\]"
)


class NoRule(ValueError):  # noqa: N818 - it is told, not raised to a caller
    """A proposal that becomes no rule; says why."""


def of_words(text: str, clauses: Sequence[str]) -> tuple[str, str]:
    """An expression for the words in their order, up to three others between, and the clause they are of."""
    words = words_of(text)
    if not 1 <= len(words) <= _MOST_WORDS:
        raise NoRule(f"it has {len(words)} words; expected 1 to {_MOST_WORDS}")
    clause = _grounded(words, clauses)
    between = r"(?:[^A-Za-z0-9]+[A-Za-z0-9]+){0,3}[^A-Za-z0-9]+"
    inflected = (re.escape(_inflectable(word)) + "(?:e?s|e?d|ing|e)?" for word in words)
    expression = f"(?i)(?:^|[^A-Za-z0-9]){between.join(inflected)}(?:$|[^A-Za-z0-9])"
    return _compiled(expression), clause


def of_expression(text: str, clauses: Sequence[str]) -> tuple[str, str]:
    """The expression itself, where every match has specific words of a clause in it."""
    if not _EXPRESSION.fullmatch(text):
        raise NoRule("it is more than literals, classes and repeats; write alternatives as rules")
    certain = _OPTIONAL.sub(" ", text)
    return _compiled(text), _grounded(words_of(certain), clauses)


def of_signature(text: str, clauses: Sequence[str]) -> tuple[str, str]:
    """The expression of a signature of ours, where a clause has a specific word of its name."""
    known = {signature.name.casefold(): signature for signature in SIGNATURES}
    signature = known.get(text.strip().casefold())
    if signature is None:
        raise NoRule("there is no signature of that name")
    words = [word for word in words_of(signature.name) if stem(word) not in _COMMON]
    clause = next((found for word in words if (found := clause_with([word], clauses))), "")
    if not clause:
        raise NoRule("no clause of the text that excuses something names it")
    return _compiled(f"(?i:{signature.pattern.pattern})"), clause


def _grounded(words: Sequence[str], clauses: Sequence[str]) -> str:
    """The clause that all the words are of.

    Raises:
        NoRule: there is none, or they say too little.
    """
    specific = [word for word in words if stem(word) not in _COMMON and not word.isdigit()]
    if not any(len(word) >= _LEAST_RULE or not word.isascii() for word in specific):
        raise NoRule("it is not specific: name a word that is not in every log")
    clause = clause_with(words, clauses)
    if not clause:
        raise NoRule("its words are not together in a clause of the text that excuses something")
    return clause


def _inflectable(word: str) -> str:
    shorter = stem(word)
    return shorter if word.casefold().startswith(shorter) else word.casefold()


def _compiled(expression: str) -> str:
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(expression.encode(), options)
    except re2.error as error:
        raise NoRule("it is no expression that RE2 knows") from error
    if compiled.search(b""):
        raise NoRule("it matches everything")
    return expression
