"""An issue that is to be opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from canary_verdict.repositories import AllowedOwners, GitHubRepository


@dataclass(frozen=True, slots=True)
class Draft:
    """All that is needed to open an issue, or to find it opened already. It holds no secret.

    Attributes:
        key: see `canary_verdict.issue.issue_key`.
        labels, assignees: asked for; GitHub leaves out what the token may not set.
        since: no issue with this key can be older, in UTC.
    """

    key: str
    repository: GitHubRepository
    title: str
    body: str
    labels: tuple[str, ...]
    assignees: tuple[str, ...]
    since: datetime

    def to_json(self) -> dict[str, object]:
        """As it is written to the journal."""
        return {
            "key": self.key,
            "repository": self.repository.url,
            "title": self.title,
            "body": self.body,
            "labels": list(self.labels),
            "assignees": list(self.assignees),
            "since": self.since.isoformat(),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, object], allowed: AllowedOwners) -> "Draft":
        """Reads what `to_json` gave.

        Raises:
            ValueError: it cannot be read, or its repository is not one that the operator allows now.
        """
        since = datetime.fromisoformat(_text(document, "since"))
        if since.tzinfo is None:
            raise ValueError("since: found no zone")
        return cls(
            key=_text(document, "key"),
            repository=allowed.find(_text(document, "repository")),
            title=_text(document, "title"),
            body=_text(document, "body"),
            labels=_texts(document, "labels"),
            assignees=_texts(document, "assignees"),
            since=since.astimezone(UTC),
        )


def _text(document: Mapping[str, object], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name}: found no text")
    return value


def _texts(document: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = document.get(name)
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError(f"{name}: found no list of texts")
    return tuple(value)
