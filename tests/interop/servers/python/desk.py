"""What a model would say: answers that a test lays on a desk, a folder for each AnalysisRun.

The stub models of all frameworks call `reply` with the text they were given. It finds the question in
it, as a model would, notes that it was asked, and waits for the answer. Standard library only.
"""

import asyncio
import json
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 60.0
"""Seconds after which a model that was given no answer says so."""

STEP = 0.02
_FENCE = re.compile(r"```json\n(.*?)\n```", re.DOTALL)


@dataclass(frozen=True)
class Reply:
    """One answer.

    Attributes:
        form: `text`, `data` or `message`; frameworks that give the model no choice ignore it.
        text: what the model says.
    """

    form: str
    text: str

    @property
    def value(self) -> Any:
        """The JSON value that the text is, or holds in its one fence.

        Raises:
            ValueError: it is none.
        """
        fences = _FENCE.findall(self.text)
        return json.loads(fences[0] if len(fences) == 1 else self.text)


def run_uid(question: str) -> str:
    """The uid in the last JSON request that is fenced in a question."""
    requests = _FENCE.findall(question)
    return str(json.loads(requests[-1])["run"]["uid"])


async def reply(question: str) -> Reply:
    """The answer, as soon as a test has laid it down."""
    uid = run_uid(question)
    folder = Path(os.environ["INTEROP_DESK"]) / uid
    with (folder / "asked").open("a") as asked:
        asked.write("asked\n")
    deadline = time.monotonic() + PATIENCE
    while not (folder / "answer.json").exists():
        if time.monotonic() > deadline:
            return Reply("text", f"nobody has answered within {PATIENCE:g} s")
        await asyncio.sleep(STEP)
    answer = json.loads((folder / "answer.json").read_text())
    return Reply(answer["form"], answer["text"].replace("{runUid}", uid))
