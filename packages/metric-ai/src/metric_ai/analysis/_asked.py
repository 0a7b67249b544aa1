"""What was typed, as a question and a source of logs."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from canary_agent.bundle import BundleError, read_bundle
from canary_agent.collect import Source
from canary_verdict import CanaryRequest, ContractError, Policy, Run, Selection, parse_duration
from canary_verdict import parse_policy as read_policy
from metric_ai.exits import NO_BUNDLE, CommandError
from metric_ai.options import ClusterOptions

from ._folders import TwoFolders

_WAYS = "say what to compare: --rollout NAME, --stable and --canary, --stable-logs and --canary-logs, or a BUNDLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The command line's values, unchecked; empty or None where they were left out."""

    bundle: Path | None = None
    stable_logs: Path | None = None
    canary_logs: Path | None = None
    stable: str = ""
    canary: str = ""
    rollout: str = ""
    namespace: str = ""
    window: str = "10m"
    min_lines: int | None = None
    sensitivity: str = "normal"
    accepted: tuple[str, ...] = ()
    cluster: ClusterOptions = field(default_factory=ClusterOptions)


@dataclass(frozen=True, slots=True)
class Question:
    """A request, where its logs come from, and what to say about that."""

    request: CanaryRequest
    source: Source
    first_step: str
    advice: str


def question_of(asked: Asked) -> Question:
    """The question.

    Raises:
        click.UsageError: the options contradict each other, or nothing is named.
        CommandError: a bundle or the cluster cannot be read.
    """
    ways = (
        bool(asked.bundle),
        bool(asked.stable_logs or asked.canary_logs),
        bool(asked.rollout or asked.stable or asked.canary),
    )
    if sum(ways) > 1:
        raise click.UsageError("a bundle, folders of logs and pods exclude each other")
    if asked.bundle:
        return _of_bundle(asked.bundle)
    if asked.stable_logs or asked.canary_logs:
        return _of_folders(asked)
    if not any(ways):
        raise click.UsageError(_WAYS)
    return _of_cluster(asked)


def _of_bundle(path: Path) -> Question:
    try:
        bundle = read_bundle(path)
    except BundleError as error:
        raise CommandError(str(error), NO_BUNDLE) from error
    return Question(bundle.request, bundle, f"reading {path.name}", "")


def _of_folders(asked: Asked) -> Question:
    if not asked.stable_logs or not asked.canary_logs:
        raise click.UsageError("--stable-logs and --canary-logs belong together")
    source = TwoFolders(asked.stable_logs, asked.canary_logs)
    request = _request(asked, Selection("role=stable"), Selection("role=canary"))
    return Question(request, source, "listing logs", "name two folders with *.log files in them")


def _of_cluster(asked: Asked) -> Question:
    # Loads lightkube, which folders do without.
    from ._pods import pods_question  # noqa: PLC0415

    return pods_question(asked, _request(asked, Selection(asked.stable), Selection(asked.canary)))


def _request(asked: Asked, stable: Selection, canary: Selection) -> CanaryRequest:
    try:
        window = parse_duration(asked.window).total_seconds()
    except ValueError as error:
        raise click.BadParameter(
            f"found {asked.window!r}, expected a duration such as 90s or 10m", param_hint="--window"
        ) from error
    return CanaryRequest(
        run=Run("command-line", "command-line", asked.namespace or "default", "analyze"),
        rollout=asked.rollout,
        stable=stable,
        canary=canary,
        window=window,
        deadline=datetime.now(UTC) + timedelta(hours=1),
        lease_seconds=180,
        policy=_policy(asked),
    )


def _policy(asked: Asked) -> Policy:
    document: dict[str, object] = {"sensitivity": asked.sensitivity}
    if asked.min_lines is not None:
        document["minLines"] = asked.min_lines
    if asked.accepted:
        document["accepted"] = list(asked.accepted)
    try:
        return read_policy(document)
    except ContractError as error:
        raise click.UsageError(str(error)) from error
