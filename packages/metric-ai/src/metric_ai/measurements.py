"""What the plugin leaves in a measurement's metadata, read back into a verdict."""

import json
from collections.abc import Mapping

from canary_verdict import CanaryVerdict, ContractError, parse_verdict

from .terminal import Style, Terminal
from .verdicts import show_verdict

PHASES: dict[str, Style] = {
    "Successful": "good",
    "Failed": "bad",
    "Error": "bad",
    "Inconclusive": "doubt",
    "Running": "bold",
    "Pending": "dim",
}

_TEXTS = (
    "rootCause",
    "analysis",
    "remediation",
    "issueLink",
    "prLink",
    "reportLink",
    "votingRationale",
    "agentVersion",
)
_DOCUMENTS = ("coverage", "evidence", "modelResults")


def verdict_of(metadata: Mapping[str, str], run_uid: str) -> CanaryVerdict | None:
    """The verdict that the plugin has left there; None where there is none that can be read."""
    if "verdict" not in metadata:
        return None
    document: dict[str, object] = {
        "schemaVersion": "1",
        "runUid": run_uid,
        "verdict": metadata["verdict"],
    }
    document |= {name: metadata[name] for name in _TEXTS if name in metadata}
    try:
        document["confidence"] = float(metadata.get("confidence", "0"))
        document |= {name: json.loads(metadata[name]) for name in _DOCUMENTS if name in metadata}
        return parse_verdict(document, run_uid)
    except (ValueError, RecursionError, ContractError):
        return None


def show_metadata(terminal: Terminal, metadata: Mapping[str, str], run_uid: str) -> None:
    """The verdict where there is one, else what is known of the agent's task."""
    verdict = verdict_of(metadata, run_uid)
    if verdict is not None:
        show_verdict(terminal, verdict)
        return
    known = (("agent", "agentUrl"), ("task", "taskId"), ("deadline", "deadline"))
    terminal.fields([(name, metadata.get(key, "")) for name, key in known])
