"""The analysis of logs that lie in a folder, as a child process runs it."""

import functools
from pathlib import Path

from canary_agent.process import Analyser, Cancelled
from canary_verdict import CanaryRequest, CanaryVerdict

MODULES = ("canary_agent.folder", "canary_agent.patience", "canary_agent.collect")
"""What the children's parent loads once."""


def folder_analyser(logs: Path) -> Analyser:
    """An analyser of the folder `logs`, for child processes."""
    return functools.partial(_analyse_folder, logs)


def _analyse_folder(logs: Path, request: CanaryRequest, cancelled: Cancelled) -> CanaryVerdict:
    # Imported here, so that the server, which never analyses, does not carry numpy and scipy.
    from canary_agent.collect import FolderSource  # noqa: PLC0415
    from canary_agent.patience import analyse_patiently  # noqa: PLC0415

    return analyse_patiently(request, FolderSource(logs), cancelled)
