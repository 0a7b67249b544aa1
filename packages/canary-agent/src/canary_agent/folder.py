"""The analysis of logs that lie in a folder, as a child process runs it."""

import functools
from pathlib import Path

from canary_agent.models import ModelSettings, panel_for
from canary_agent.process import Analyser, Cancelled
from canary_verdict import CanaryRequest, CanaryVerdict

MODULES = ("canary_agent.folder", "canary_agent.patience", "canary_agent.collect")
"""What the children's parent loads once."""


def folder_analyser(
    logs: Path,
    bundles: Path | None = None,
    models: ModelSettings | None = None,
    *,
    windowed: bool = False,
    baseline: bool = False,
) -> Analyser:
    """An analyser of the folder `logs`, for child processes; saves analyses in the folder `bundles`.

    `windowed` says whether a request's window counts, or all logs are judged; `baseline`, whether the last
    promoted one of those tells what is usual.
    """
    return functools.partial(_analyse_folder, logs, bundles, models, windowed, baseline)


def _analyse_folder(  # noqa: PLR0913, PLR0917 - those of a partial, and a task's two
    logs: Path,
    bundles: Path | None,
    models: ModelSettings | None,
    windowed: bool,  # noqa: FBT001 - a partial's arguments go by place
    baseline: bool,  # noqa: FBT001
    request: CanaryRequest,
    cancelled: Cancelled,
) -> CanaryVerdict:
    # Imported here, so that the server, which never analyses, does not carry numpy and scipy.
    from canary_agent.collect import FolderSource  # noqa: PLC0415
    from canary_agent.patience import analyse_patiently  # noqa: PLC0415

    source = FolderSource(logs, windowed=windowed)
    return analyse_patiently(
        request, source, cancelled, bundles=bundles, panel=panel_for(models), baseline=baseline
    )
