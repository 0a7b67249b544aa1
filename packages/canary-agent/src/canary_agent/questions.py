"""What voters may ask back, as tools: their names and descriptions are what models read."""

from collections.abc import Callable

from . import judge
from .collect import Sample
from .lookups import LookupRefused, Lookups


def tools(sample: Sample, decision: judge.Decision) -> tuple[Callable[[str], str], ...]:
    """Tools of one voter, with limits of its own; a refusal is an answer, too."""
    lookups = Lookups(sample, decision)

    def answered(lookup: Callable[[str], str], argument: str) -> str:
        try:
            return lookup(argument)
        except LookupRefused as error:
            return f"not answered: {error}"

    def more_lines(evidence_id: str) -> str:
        """More lines of the evidence with this id, such as e1."""
        return answered(lookups.more_lines, evidence_id)

    def lines_around(evidence_id: str) -> str:
        """The log lines before and after the sample of the evidence with this id, such as e1."""
        return answered(lookups.lines_around, evidence_id)

    def events(pod: str) -> str:
        """The Kubernetes events of the pod with this name."""
        return answered(lookups.events, pod)

    def describe(pod: str) -> str:
        """The state of the pod with this name and of its containers."""
        return answered(lookups.describe, pod)

    return more_lines, lines_around, events, describe
