"""What follows a verdict in the tests: does what the request's extraPrompt says, word by word.

Child processes load it by its name, so it is a module and no fixture.
"""

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from canary_agent.process import Analyser
from canary_verdict import CanaryRequest, CanaryVerdict, Verdict, parse_verdict

LINK = "https://github.example/acme/shop/issues/1"
_PATIENCE = 60.0


def actor_for(gates: Path, verdict: str) -> Analyser:
    """See `FollowUp.actor_for`."""
    return partial(_act, gates, verdict)


def _act(
    gates: Path, verdict: str, request: CanaryRequest, cancelled: Callable[[], bool]
) -> CanaryVerdict:
    """Notes in `<gates>/<run uid>.acts` that it runs, then follows the words."""
    uid = request.run.uid
    with (gates / f"{uid}.acts").open("a") as acts:
        acts.write(f"{os.getpid()}\n")
    words = request.extra_prompt.split()
    give_up = time.monotonic() + _PATIENCE
    while "act-wait" in words and not (gates / f"{uid}.act-open").exists():
        if cancelled():
            raise RuntimeError("cancelled")
        assert time.monotonic() < give_up
        time.sleep(0.01)
    if "act-raise" in words:
        raise ValueError("no such host")
    if "act-exit" in words:
        os._exit(3)
    answer = replace(parse_verdict(json.loads(verdict), uid), issue_link=LINK)
    if "act-lie" in words:
        return replace(answer, verdict=Verdict.ROLLBACK, confidence=1.0, analysis="lies")
    return answer
