"""GitHub issues for canaries that are rolled back: found or opened, once for each AnalysisRun and metric.

Imported with the first of them (see `rollouts_plugin_metric_ai.issues`), since most plugins never need it.
"""

from ._api import GitHubApi
from ._draft import Draft
from ._errors import GitHubError
from ._filing import Filer, Outcome
from ._journal import Entry, Journal, JournalError
from ._reporter import BUDGET, Reporter

__all__ = [
    "BUDGET",
    "Draft",
    "Entry",
    "Filer",
    "GitHubApi",
    "GitHubError",
    "Journal",
    "JournalError",
    "Outcome",
    "Reporter",
]
