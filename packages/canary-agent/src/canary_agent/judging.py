"""Judging what lies in a file or a folder, offline: `canary-agent judge`."""

from datetime import UTC, datetime
from pathlib import Path

from canary_verdict import CanaryRequest, Run, Selection

from .analysis import analyse
from .bundle import read_bundle, verdict_text
from .collect import CollectError, FolderSource, Source
from .evidence import PolicyError

OFFLINE = CanaryRequest(
    run=Run("offline", "offline", "default", "offline"),
    rollout="",
    stable=Selection("role=stable"),
    canary=Selection("role=canary"),
    window=600.0,
    deadline=datetime(2100, 1, 1, tzinfo=UTC),
    lease_seconds=180,
)
"""What is asked of a folder, which does not say it."""


class JudgingError(Exception):
    """There can be no verdict; says why."""


def judge_file(path: Path, save: Path | None = None) -> tuple[str, str]:
    """Judges a bundle or a folder; models that a bundle has heard are not asked again.

    Args:
        path: of either.
        save: a bundle to be written.

    Returns:
        The verdict as JSON text, and a note where it is another one than the bundle's own.

    Raises:
        JudgingError: neither a bundle nor a folder of logs, or its policy cannot be followed.
    """
    source: Source
    request, before, panel = OFFLINE, "", None
    try:
        if path.is_dir():
            source = FolderSource(path)
        else:
            bundle = read_bundle(path)
            source, request, before = bundle, bundle.request, bundle.verdict
            panel = bundle.panel
        text = verdict_text(analyse(request, source, lambda: False, save, panel))
    except (CollectError, PolicyError, OSError) as error:
        raise JudgingError(str(error)) from error
    note = "this agent judges otherwise than the one that saved the bundle"
    return text, note if before and before != text else ""
