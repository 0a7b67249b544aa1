"""All that Resume needs, kept in the measurement's metadata.

The controller stores it with the AnalysisRun, so controller, plugin and agent may each die at any
time, and any later process can go on.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

from argo_rollouts_plugin.v1alpha1 import AnalysisRun, Metric

_IDS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:metric-ai:a2a:canary-analysis:v1")
_MAX_ID = 1024
_MAX_ATTEMPT = 1000


class TicketError(ValueError):
    """The metadata does not hold what Resume needs."""


def context_id(run: AnalysisRun, metric: Metric) -> str:
    """The A2A contextId of the metric's measurement that is due or under way.

    Built from the run's uid, the metric's name and the count of measurements without an Error: that
    count is never trimmed (the list of measurements is, at ten), and a measurement that ended in an
    Error leaves it as it was, so that its successor finds the task again.
    """
    result = run.metric_result(metric.name)
    count = result.count if result is not None else 0
    return str(uuid.uuid5(_IDS, f"{run.metadata.uid}\n{metric.name}\n{count}"))


@dataclass(frozen=True, slots=True)
class Ticket:
    """One measurement under way.

    Attributes:
        context_id: see `context_id`.
        attempt: from 1; the messageId follows from it, so a message sent twice has one id.
        resubmissions: how often this measurement has replaced a lost task.
        submitted_at, deadline, last_contact: in UTC.
        agent_url: as in the stanza.
        task_id: the agent's name for the work, of any form; empty until it has told us.
        card: the agent's address and protocol, as `write_card` puts it; empty like task_id.
        sends: how many steps have begun that send a message; more than one where a process was
            killed before the reply.
        sign: the agent's last sign of life; `sign_seen` is when it last changed, by our clock.
    """

    context_id: str
    attempt: int
    submitted_at: datetime
    deadline: datetime
    last_contact: datetime
    agent_url: str
    task_id: str = ""
    card: str = ""
    sends: int = 0
    sign: str = ""
    sign_seen: datetime | None = None
    resubmissions: int = 0

    @property
    def message_id(self) -> str:
        """The A2A messageId of this attempt."""
        return str(uuid.uuid5(uuid.UUID(self.context_id), str(self.attempt)))

    def resubmitted(self) -> Self:
        """The ticket of the attempt that replaces a lost task."""
        return replace(
            self,
            attempt=self.attempt + 1,
            resubmissions=self.resubmissions + 1,
            task_id="",
            sends=0,
            sign="",
            sign_seen=None,
        )

    def to_metadata(self) -> dict[str, str]:
        """The entries of the measurement's metadata."""
        entries = {
            "contextId": self.context_id,
            "attempt": str(self.attempt),
            "submittedAt": self.submitted_at.isoformat(),
            "deadline": self.deadline.isoformat(),
            "lastContact": self.last_contact.isoformat(),
            "agentUrl": self.agent_url,
            "taskId": self.task_id,
            "agentCard": self.card,
            "sends": str(self.sends) if self.sends else "",
            "sign": self.sign,
            "signSeen": self.sign_seen.isoformat() if self.sign_seen else "",
            "resubmissions": str(self.resubmissions) if self.resubmissions else "",
        }
        return {name: text for name, text in entries.items() if text}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> Self:
        """Reads what `to_metadata` wrote, before this process or an older version began.

        Raises:
            TicketError: an entry is missing or cannot be read; the text names it.
        """
        return cls(
            context_id=_uuid(metadata, "contextId"),
            attempt=_number(metadata, "attempt", 1, _MAX_ATTEMPT),
            submitted_at=_time(metadata, "submittedAt"),
            deadline=_time(metadata, "deadline"),
            last_contact=_time(metadata, "lastContact"),
            agent_url=_text(metadata, "agentUrl"),
            task_id=metadata.get("taskId", "")[:_MAX_ID],
            card=metadata.get("agentCard", ""),
            sends=_optional_number(metadata, "sends"),
            sign=metadata.get("sign", "")[:_MAX_ID],
            sign_seen=_time(metadata, "signSeen") if "signSeen" in metadata else None,
            resubmissions=_optional_number(metadata, "resubmissions"),
        )


def _text(metadata: Mapping[str, str], name: str) -> str:
    text = metadata.get(name, "")
    if not text:
        raise TicketError(f"the measurement's metadata has no {name}")
    return text


def _uuid(metadata: Mapping[str, str], name: str) -> str:
    text = _text(metadata, name)
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise TicketError(f"the measurement's metadata has no readable {name}") from error


def _number(metadata: Mapping[str, str], name: str, low: int, high: int) -> int:
    text = _text(metadata, name)
    if not (text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high):
        raise TicketError(f"the measurement's metadata has no readable {name}")
    return int(text)


def _optional_number(metadata: Mapping[str, str], name: str) -> int:
    return _number(metadata, name, 0, _MAX_ATTEMPT) if name in metadata else 0


def _time(metadata: Mapping[str, str], name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(metadata, name))
    except ValueError as error:
        raise TicketError(f"the measurement's metadata has no readable {name}") from error
    if moment.tzinfo is None:
        raise TicketError(f"the measurement's metadata has a {name} without a zone")
    return moment.astimezone(UTC)
