"""Providers' own wire formats, on real connections."""

import json

from model_providers import KEYS, Provider, Reply, named, providers
from voting import CLEAN, opinion, question

from canary_agent.analysis import analyse
from canary_agent.models import read_models
from canary_agent.models.asking import model_panel
from canary_verdict import CanaryVerdict, Verdict

ENVIRONMENT = {name: f"key-of-{shape}" for shape, name in KEYS.items()}


def judged(*servers: Provider) -> CanaryVerdict:
    settings = read_models(ENVIRONMENT | {"MODELS": named(*servers)})
    return analyse(question(), CLEAN, lambda: False, panel=model_panel(settings))


def test_three_providers_vote() -> None:
    with providers(["gemini", "openai", "anthropic"]) as servers:
        for server in servers:
            server.replies = [Reply(json.dumps(opinion("rollback")))]
        verdict = judged(*servers)
    assert [one.error for one in verdict.model_results] == ["", "", ""]
    assert verdict.verdict is Verdict.ROLLBACK
    assert verdict.usage["tokensIn"] == 3600
    assert verdict.usage["costUsd"] > 0
    assert [len(server.asked) for server in servers] == [1, 1, 1]
