"""Hears the models on one analysis: asks them, counts nothing, and puts into the verdict what they said."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from canary_verdict import CanaryRequest, ModelResult, Verdict
from canary_verdict.redaction import redact

from . import judge
from .collect import Sample
from .digest import write_digest
from .evidence import Findings
from .excuses import Rules, rules_from
from .models import Bounds, Exchange, NoAnswer, Panel, Purpose, Question

if TYPE_CHECKING:
    from pydantic import BaseModel

T = TypeVar("T", bound="BaseModel")

_MAX_NOTE = 8192


@dataclass(frozen=True, slots=True)
class Hearing:
    """What models said on a digest.

    Attributes:
        exchanges: of all voters, those that did not answer, too.
        citable: ids of the evidence that they have seen.
    """

    exchanges: tuple[Exchange, ...]
    citable: frozenset[str]

    @property
    def votes(self) -> tuple[judge.Vote, ...]:
        """The answers as votes, before anybody has looked whether they count."""
        return tuple(_vote(exchange) for exchange in self.exchanges if exchange.answer)

    @property
    def silent(self) -> dict[str, str]:
        """Why there is no answer, by voter."""
        return {one.voter: one.error for one in self.exchanges if not one.answer}

    def said(self, decision: judge.Decision) -> Exchange | None:
        """Of the votes that count, the surest one for this verdict."""
        agreeing = {vote.model for vote in decision.votes if vote.verdict is decision.verdict}
        answers = [one for one in self.exchanges if one.voter in agreeing and one.answer]
        return max(answers, key=lambda one: (one.answer or {})["confidence"], default=None)


@dataclass(frozen=True, slots=True)
class Excuses:
    """What the user's own words excuse, before any log is read.

    Attributes:
        exchanges: with the model that was asked; none where nothing had to be asked.
    """

    rules: Rules = field(default_factory=Rules)
    exchanges: tuple[Exchange, ...] = ()

    def sentences(self) -> str:
        """For the analysis: each rule with the words it is of, and why there is none where there is none."""
        told = [f"extraPrompt excuses {'; '.join(self.rules.shown)}."] if self.rules.shown else []
        told += [
            f"No rule could be made of extraPrompt: {one.voter}: {one.error}."
            for one in self.exchanges
            if one.answer is None
        ]
        return " ".join(told)


def excused(panel: Panel, prompt: str, bounds: Bounds) -> Excuses:
    """Asks one model what `prompt` excuses; it sees nothing else.

    Raises:
        Stopped: `bounds.cancelled` said so.
    """
    asking = _Asking(panel, bounds)
    try:
        rules = rules_from(prompt, asking)
    except NoAnswer:
        rules = Rules()
    return Excuses(rules, tuple(asking.exchanges))


class _Asking:
    """One model, as `excuses` asks it."""

    def __init__(self, panel: Panel, bounds: Bounds) -> None:
        self._panel = panel
        self._bounds = bounds
        self.exchanges: list[Exchange] = []

    def ask(self, instructions: str, text: str, output: type[T]) -> T:
        """See `models.Ask`."""
        answer, exchange = self._panel.ask(instructions, text, output, self._bounds)
        self.exchanges.append(exchange)
        if answer is None:
            raise NoAnswer(exchange.error)
        return answer


@dataclass(frozen=True, slots=True)
class Case:
    """What models are heard on: the request, its sample, the evidence, and what that alone decides."""

    request: CanaryRequest
    sample: Sample
    findings: Findings
    decision: judge.Decision


def hear(panel: Panel, case: Case, bounds: Bounds) -> Hearing:
    """Asks all voters for their opinion.

    Raises:
        Stopped: `bounds.cancelled` said so.
    """
    digest = write_digest(
        case.decision,
        case.findings,
        case.request,
        sample=case.sample,
        budget=panel.settings.digest_tokens,
    )
    note = redact(case.request.extra_prompt, _MAX_NOTE)
    tools = _tools_for(case) if panel.settings.lookups else None
    return Hearing(panel.vote(Question(digest.text, note, tools), bounds), digest.evidence_ids)


def _tools_for(case: Case) -> Callable[[], Sequence[Callable[[str], str]]]:
    from .questions import tools  # noqa: PLC0415 - most operators allow none

    return partial(tools, case.sample, case.decision)


def with_words(own: str, exchange: Exchange | None, name: str) -> str:
    """The evidence's own sentence first, then the model's, marked as its."""
    words = ((exchange.answer or {}).get(name, "") if exchange else "").strip()
    return f"{own} {exchange.voter} says: {words}".strip() if exchange and words else own


def model_results(hearing: Hearing, decision: judge.Decision) -> tuple[ModelResult, ...]:
    """One entry a voter, as the contract has it; a vote that does not count says so in `error`."""
    counted = {vote.model for vote in decision.votes}
    return tuple(_result(one, counts=one.voter in counted) for one in hearing.exchanges)


def usage(exchanges: Sequence[Exchange]) -> dict[str, float]:
    """Tokens and cost of all exchanges; the cost of those whose price is known."""
    if not exchanges:
        return {}
    costs = [one.cost_usd for one in exchanges if one.cost_usd is not None]
    known = {"costUsd": round(sum(costs), 6)} if costs else {}
    votes = [one for one in exchanges if one.purpose is Purpose.VOTE]
    return {
        "tokensIn": float(sum(one.tokens_in for one in exchanges)),
        "tokensOut": float(sum(one.tokens_out for one in exchanges)),
        **known,
        "modelsAsked": float(len(votes)),
        "modelsSilent": float(sum(one.answer is None for one in votes)),
    }


def _vote(exchange: Exchange) -> judge.Vote:
    answer = exchange.answer or {}
    return judge.Vote(
        exchange.voter, Verdict(answer["verdict"]), tuple(answer["cites"]), answer["confidence"]
    )


def _result(exchange: Exchange, *, counts: bool) -> ModelResult:
    took = round(exchange.seconds * 1000)
    if exchange.answer is None:
        return ModelResult(exchange.voter, execution_time_ms=took, error=exchange.error)
    answer = exchange.answer
    return ModelResult(
        model_name=exchange.voter,
        promote=answer["verdict"] == Verdict.PROMOTE,
        confidence=answer["confidence"],
        analysis=answer["analysis"],
        root_cause=answer["rootCause"],
        remediation=answer["remediation"],
        execution_time_ms=took,
        error="" if counts else "the vote is void: it cites nothing, or what it was not shown",
    )
