"""The desk on which tests lay what the agents' stub models say; servers/python/desk.py reads it."""

import json
from dataclasses import dataclass
from pathlib import Path

VERDICT = {
    "runUid": "{runUid}",
    "confidence": 90,
    "analysis": "compared 4 pods by their logs",
    "rootCause": "connection refused to db:5432",
    "remediation": "none",
}


def verdict_text(verdict: str, **more: object) -> str:
    """The JSON object that the plugin asks for; the model fills in `{runUid}`."""
    return json.dumps({**VERDICT, "verdict": verdict, **more})


def fenced(text: str) -> str:
    """The same as chat models like to put it."""
    return f"Here is my judgement of the canary:\n\n```json\n{text}\n```\n\nLet me know what else you need."


@dataclass(frozen=True)
class Desk:
    """One folder for each AnalysisRun."""

    folder: Path

    def expect(self, uid: str) -> None:
        """Makes the folder in which questions on this run are noted."""
        (self.folder / uid).mkdir()

    def lay(self, uid: str, text: str, form: str = "text") -> None:
        """Lets the model answer; `form` is `text` or `data`, where the agent has the choice."""
        draft = self.folder / uid / "draft"
        draft.write_text(json.dumps({"form": form, "text": text}))
        draft.rename(self.folder / uid / "answer.json")

    def asked(self, uid: str) -> int:
        """How often the model was asked about this run."""
        note = self.folder / uid / "asked"
        return len(note.read_text().splitlines()) if note.exists() else 0
