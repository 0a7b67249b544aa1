"""What a report is made of."""

from dataclasses import dataclass
from datetime import datetime

from canary_verdict import CanaryRequest, CanaryVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One verdict, and what is known around it.

    Attributes:
        request: the question; None where it is not known any more.
        task_id: under which the agent keeps the verdict; empty for a bundle.
        bundle: the file's name; empty for a task.
        asked_at: when the question came.
        answered_at: when the verdict was there.
        listed_at: the address of the list of reports; empty where there is none.
    """

    verdict: CanaryVerdict
    request: CanaryRequest | None = None
    task_id: str = ""
    bundle: str = ""
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    listed_at: str = ""
