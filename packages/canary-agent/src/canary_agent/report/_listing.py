"""The list of reports."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ListingFilter:
    """What is listed; empty fields do not filter. `verdict` is promote, rollback or inconclusive."""

    namespace: str = ""
    rollout: str = ""
    verdict: str = ""

    @property
    def used(self) -> bool:
        """Whether anything is left out."""
        return bool(self.namespace or self.rollout or self.verdict)


@dataclass(frozen=True, slots=True)
class Row:
    """One analysis in the list.

    Attributes:
        link: of its report.
        state: submitted, working, completed, failed or canceled.
        verdict: empty while there is none, or where there was none.
        why: one sentence.
    """

    link: str
    namespace: str
    rollout: str
    state: str
    verdict: str
    confidence: float | None
    why: str
    moment: datetime


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the list, newest first.

    Attributes:
        total: how many there are on all pages.
        older: address of the next page; empty on the last.
        newest: address of the first page; empty on the first.
    """

    rows: tuple[Row, ...]
    total: int
    filter: ListingFilter
    older: str = ""
    newest: str = ""
