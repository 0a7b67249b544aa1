"""The key by which an issue is found again, whoever has opened it."""

import hashlib

from canary_verdict.request import Run


def issue_key(run: Run) -> str:
    """One word for one AnalysisRun and metric: 27 letters and digits, so that search takes it as one."""
    digest = hashlib.sha256(f"{run.uid}\n{run.metric}".encode()).hexdigest()
    return f"metricai{digest[:19]}"


def names_key(body: str | None, key: str) -> bool:
    """Whether an issue's or pull request's body is the one with this key."""
    # At its begin alone: further down a log line may stand as it was written.
    return (body or "").lstrip().startswith(hidden_mark(key))


def hidden_mark(key: str) -> str:
    """The comment that carries the key, at the begin of the body."""
    return f"<!-- {key} -->"
