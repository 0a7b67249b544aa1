"""Answers that are no verdict on this run: always an Error, whatever they say."""

from typing import Any

import pytest
from desk import fenced, verdict_text

from argo_rollouts_plugin.client import MetricProviderClient
from argo_rollouts_plugin.v1alpha1 import AnalysisPhase

UNUSABLE = {
    "prose": "The canary looks healthy to me. I would promote it with confidence 95.",
    "two objects": fenced(verdict_text("promote")) + fenced(verdict_text("promote")),
    "another run": fenced(verdict_text("promote", runUid="0e0e0e0e-0000-4000-8000-000000000000")),
    "another schema": fenced(
        verdict_text("promote", schemaVersion="2099-01").replace('"verdict"', '"decision"')
    ),
}


@pytest.mark.parametrize("answer", UNUSABLE)
def test_nothing_unusable_promotes(served: Any, plugin: MetricProviderClient, answer: str) -> None:
    asking = served.asking()
    served.desk.lay(asking.uid, UNUSABLE[answer])
    done = asking.ask(plugin)
    assert done.phase is AnalysisPhase.ERROR, done.message
    assert "A2A agent analysis failed" in done.message
    served.count("unusable answers")
