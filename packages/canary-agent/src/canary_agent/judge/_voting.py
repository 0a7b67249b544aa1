"""The votes in words: who was asked, who counts, what that changed."""

from collections.abc import Mapping, Sequence

from canary_verdict import Verdict

from ._decide import Decision
from ._table import Against, Vote

NOBODY = "No model was asked; the evidence alone decides."

_CHANGED = {
    Against.ONE: "a vote against the canary makes it",
    Against.SPLIT: "the votes disagree, which makes it",
    Against.TWO_TO_ROLL_BACK: "votes to roll back make it",
}
_MAX_CITES = 8


def rationale(decision: Decision, votes: Sequence[Vote], silent: Mapping[str, str]) -> str:
    """The tally by confidence, each vote, each voter that is left out and why, and the result.

    Args:
        decision: the one with these votes.
        votes: all, whether they count or not.
        silent: why there is no vote, by voter.
    """
    counted = {vote.model for vote in decision.votes}
    sentences = [_tally(decision, len(votes) + len(silent))]
    sentences += [f"{_named(vote)}." for vote in decision.votes]
    void = {
        vote.model: "it cites no evidence" if not vote.cites else "it cites what it was not shown"
        for vote in votes
        if vote.model not in counted
    }
    left_out = {**void, **silent}
    if left_out:
        named = "; ".join(f"{voter}: {why}" for voter, why in left_out.items())
        sentences.append(f"Left out: {named}.")
    sentences.append(_result(decision))
    return " ".join(sentences)


def _tally(decision: Decision, asked: int) -> str:
    models = "1 model was asked" if asked == 1 else f"{asked} models were asked"
    if not decision.votes:
        return f"{models}; no vote counts."
    weights = ", ".join(
        f"{verdict.value} {sum(vote.confidence for vote in decision.votes if vote.verdict is verdict):g}"
        for verdict in Verdict
        if any(vote.verdict is verdict for vote in decision.votes)
    )
    return f"{models}; votes that count, by confidence: {weights}."


def _named(vote: Vote) -> str:
    cites = ", ".join(vote.cites[:_MAX_CITES])
    return f"{vote.model}: {vote.verdict.value} with {vote.confidence:g} ({cites})"


def _result(decision: Decision) -> str:
    if decision.alone is decision.verdict:
        return f"The evidence alone says {decision.verdict.value}, and no vote changes that."
    return (
        f"The evidence alone says {decision.alone.value}; {_CHANGED[decision.against]} "
        f"{decision.verdict.value}."
    )
