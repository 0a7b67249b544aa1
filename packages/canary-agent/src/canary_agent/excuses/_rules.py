"""Asks a model what a user's text excuses, and keeps of its answer what the text really says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from canary_agent.models import Ask
from canary_agent.signatures import SIGNATURES
from canary_verdict.redaction import redact, redact_lines

from ._clauses import excusing_clauses
from ._matching import MAX_RULE, NoRule, of_expression, of_signature, of_words

MAX_RULES = 20

_SHOWN, _SHOWN_CLAUSE = 120, 160
_INSTRUCTIONS = f"""\
A team has written a note for those who review its canary deployments. List what the note asks to leave out of \
the comparison of log lines: what it calls ignorable, temporary, expected or harmless. Nothing else: a note that \
asks to focus on something, or says how important the service is, excuses nothing, and then the list is empty.

Give at most {MAX_RULES} rules, each one of:
- words: one to six words that a log line to be left out has, in the note's own words, most specific first choice \
(for "Ignore color changes": color).
- expression: a regular expression without groups and alternatives, only where the note itself gives one.
- signature: one of these names, only where the note means that condition as such: \
{"; ".join(signature.name for signature in SIGNATURES)}.
"""


class ProposedRule(BaseModel):
    """One thing that the note excuses."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["words", "expression", "signature"]
    text: str = Field(min_length=1, max_length=MAX_RULE)


class ProposedRules(BaseModel):
    """What the note excuses; empty where it excuses nothing."""

    model_config = ConfigDict(extra="forbid")

    rules: list[ProposedRule] = Field(max_length=MAX_RULES)


@dataclass(frozen=True, slots=True)
class Rules:
    """What templates are accepted for a user's words.

    Like the policy's `accepted` they never reach hard evidence.

    Attributes:
        accepted: expressions in RE2's syntax, as `examine` takes them.
        shown: for each what it is and which words of the user it is of, redacted.
        refused: for each that was proposed and is no rule, why not.
    """

    accepted: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def rules_from(extra_prompt: str, ask: Ask) -> Rules:
    """The rules that a user's text amounts to.

    The model that is asked sees this text and nothing of the cluster, so no log can write its own excuse.
    Nor can the model: a rule consists of words that stand in one clause of the text with a word of excuse,
    one of them specific. Where nothing in the text excuses, no model is asked.

    Args:
        extra_prompt: the user's.
        ask: the model.

    Raises:
        NoAnswer: the model gave no answer of that form.
    """
    text = "\n".join(redact_lines(extra_prompt.splitlines()))
    clauses = excusing_clauses(text)
    if not clauses:
        return Rules()
    proposed = ask.ask(_INSTRUCTIONS, text, ProposedRules)
    found: dict[str, str] = {}
    refused: list[str] = []
    for rule in proposed.rules[:MAX_RULES]:
        name = f"{rule.kind} {redact(rule.text, _SHOWN)!r}"
        try:
            expression, clause = _BY_KIND[rule.kind](rule.text[:MAX_RULE], clauses)
        except NoRule as error:
            refused.append(f"{name}: {error}")
        else:
            found.setdefault(expression, f'{name}, for "{redact(clause, _SHOWN_CLAUSE)}"')
    return Rules(tuple(found), tuple(found.values()), tuple(refused))


_BY_KIND: dict[str, Callable[[str, Sequence[str]], tuple[str, str]]] = {
    "words": of_words,
    "expression": of_expression,
    "signature": of_signature,
}
