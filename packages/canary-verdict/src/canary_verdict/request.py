"""The question: may this canary be promoted?"""

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta

from ._errors import ContractError, describe
from ._reader import Reader
from .attached import Attachments, read_attachments
from .durations import format_duration, parse_duration

SCHEMA_VERSION = "1"
REQUEST_MEDIA_TYPE = "application/vnd.metric-ai.canary-request+json"
EXTENSION_URI = "urn:metric-ai:a2a:canary-analysis:v1"

MAX_EXTRA_PROMPT = 8192
"""Characters of extraPrompt; the plugin bounds it in bytes."""

_NAME = 253  # a Kubernetes object name, RFC 1123 subdomain
_SELECTOR = 2048
_URL = 2048


@dataclass(frozen=True, slots=True)
class Run:
    """The AnalysisRun that asks, and which of its metrics."""

    uid: str
    name: str
    namespace: str
    metric: str


@dataclass(frozen=True, slots=True)
class Selection:
    """One side's pods.

    `pod_template_hash` is the label `rollouts-pod-template-hash` of the canary's ReplicaSet, empty
    where it is not known.
    """

    selector: str
    pod_template_hash: str = ""


@dataclass(frozen=True, slots=True)
class Repository:
    """Where an issue or a pull request may be opened; both empty when there is none."""

    url: str = ""
    base_branch: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the user asks of the evidence; None is the agent's own default.

    Attributes:
        min_lines: lines that each side must have, or the answer is inconclusive.
        min_duration: seconds that the logs must span.
        sensitivity: `low`, `normal` or `high`.
        accepted: templates or regular expressions of lines that are left out.
        waive: hard evidence, by name, that does not roll back.
    """

    min_lines: int | None = None
    min_duration: float | None = None
    sensitivity: str = "normal"
    accepted: tuple[str, ...] = ()
    waive: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """As it stands in the request; defaults are left out."""
        document: dict[str, object] = {}
        if self.min_lines is not None:
            document["minLines"] = self.min_lines
        if self.min_duration is not None:
            document["minDuration"] = format_duration(timedelta(seconds=self.min_duration))
        if self.sensitivity != "normal":
            document["sensitivity"] = self.sensitivity
        if self.accepted:
            document["accepted"] = list(self.accepted)
        if self.waive:
            document["waive"] = list(self.waive)
        return document


SENSITIVITIES = ("low", "normal", "high")


def parse_policy(value: object, path: str = "policy") -> Policy:
    """Reads a policy object.

    Raises:
        ContractError: a field has the wrong type or is out of its range.
    """
    reader = Reader(value, path)
    sensitivity = reader.text("sensitivity", limit=20, default="normal")
    if sensitivity not in SENSITIVITIES:
        raise ContractError(
            reader.path("sensitivity"), describe(sensitivity), "low, normal or high"
        )
    return Policy(
        min_lines=reader.count("minLines", high=10_000_000),
        min_duration=_duration(reader, "minDuration", timedelta(hours=24), None),
        sensitivity=sensitivity,
        accepted=reader.texts("accepted", count=100, limit=1000),
        waive=reader.texts("waive", count=50, limit=100),
    )


@dataclass(frozen=True, slots=True)
class CanaryRequest:
    """One question, complete in itself.

    Attributes:
        rollout: the Rollout's name; empty when the run belongs to an Experiment or to nobody.
        window: seconds of logs that count, backwards from now.
        deadline: when nobody waits for the answer any more, in UTC.
        lease_seconds: the task may end when nobody has asked for it for so long.
        dry_run: the answer changes nothing; it is still worked out.
        remediation_allowed: whether the agent may write to the repository.
        attached: logs and pod states that the asker has read, for agents without access to the
            cluster. They are what the asker wants judged.
    """

    run: Run
    rollout: str
    stable: Selection
    canary: Selection
    window: float
    deadline: datetime
    lease_seconds: int
    extra_prompt: str = ""
    repository: Repository = field(default_factory=Repository)
    policy: Policy = field(default_factory=Policy)
    dry_run: bool = False
    remediation_allowed: bool = False
    attached: Attachments = field(default_factory=Attachments)

    def to_json(self) -> dict[str, object]:
        """The document that travels; see `request.schema.json`."""
        canary = {"selector": self.canary.selector}
        if self.canary.pod_template_hash:
            canary["podTemplateHash"] = self.canary.pod_template_hash
        document: dict[str, object] = {
            "schemaVersion": SCHEMA_VERSION,
            "run": asdict(self.run),
            "rollout": {"name": self.rollout},
            "stable": {"selector": self.stable.selector},
            "canary": canary,
            "extraPrompt": self.extra_prompt,
            "window": format_duration(timedelta(seconds=self.window)),
            "deadline": self.deadline.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "leaseSeconds": self.lease_seconds,
            "policy": self.policy.to_json(),
            "dryRun": self.dry_run,
            "remediation": {"allowed": self.remediation_allowed},
        }
        if self.repository.url:
            document["repository"] = {
                "url": self.repository.url,
                "baseBranch": self.repository.base_branch,
            }
        return document | self.attached.to_json()


def parse_request(value: object) -> CanaryRequest:
    """Reads a request from a decoded JSON document.

    Raises:
        ContractError: the document is of another schema version, a field is missing, has the wrong
            type or is out of its range; the error names its path.
    """
    reader = Reader(value)
    check_schema_version(reader)
    run, canary, repository = (
        reader.child("run"),
        reader.child("canary"),
        reader.child("repository"),
    )
    window = _duration(reader, "window", timedelta(hours=24), 600.0)
    lease = reader.count("leaseSeconds", high=86_400)
    return CanaryRequest(
        run=Run(
            uid=run.required_text("uid", limit=_NAME),
            name=run.text("name", limit=_NAME),
            namespace=run.required_text("namespace", limit=_NAME),
            metric=run.text("metric", limit=_NAME),
        ),
        rollout=reader.child("rollout").text("name", limit=_NAME),
        stable=Selection(reader.child("stable").required_text("selector", limit=_SELECTOR)),
        canary=Selection(
            canary.required_text("selector", limit=_SELECTOR),
            canary.text("podTemplateHash", limit=_NAME),
        ),
        window=window if window is not None else 600.0,
        deadline=_timestamp(reader, "deadline"),
        lease_seconds=180 if lease is None else lease,
        extra_prompt=reader.text("extraPrompt", limit=MAX_EXTRA_PROMPT),
        repository=Repository(
            repository.text("url", limit=_URL), repository.text("baseBranch", limit=_NAME)
        ),
        policy=parse_policy(reader.child("policy").fields),
        dry_run=reader.boolean("dryRun", default=False),
        remediation_allowed=reader.child("remediation").boolean("allowed", default=False),
        attached=read_attachments(reader),
    )


def check_schema_version(reader: Reader) -> None:
    """Refuses a document of another schema version; none named is taken for ours."""
    version = reader.text("schemaVersion", limit=20, default=SCHEMA_VERSION)
    if version != SCHEMA_VERSION:
        raise ContractError(
            reader.path("schemaVersion"), describe(version), f'the string "{SCHEMA_VERSION}"'
        )


def _duration(reader: Reader, name: str, most: timedelta, default: float | None) -> float | None:
    text = reader.text(name, limit=40)
    if not text:
        return default
    try:
        duration = parse_duration(text)
    except ValueError as error:
        raise ContractError(
            reader.path(name), describe(text), "a duration such as 90s, 10m or 1h30m"
        ) from error
    if duration > most:
        raise ContractError(reader.path(name), describe(text), f"at most {format_duration(most)}")
    return duration.total_seconds()


def _timestamp(reader: Reader, name: str) -> datetime:
    text = reader.required_text(name, limit=64)
    expected = "a time such as 2026-01-31T12:00:00Z"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ContractError(reader.path(name), describe(text), expected) from error
    if moment.tzinfo is None:
        raise ContractError(reader.path(name), describe(text), f"{expected}, with its zone")
    return moment.astimezone(UTC)
