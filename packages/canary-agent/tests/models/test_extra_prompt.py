"""What a user's own words do: they reach voters apart from the data, and may excuse what is no hard evidence."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    UserPromptPart,
)
from pydantic_ai.models.function import AgentInfo, FunctionModel
from voting import BAD, STABLE, Answer, Logs, log, model, opinion, panel, question

from canary_agent.analysis import analyse
from canary_agent.bundle import read_bundle
from canary_agent.models import PanelSettings
from canary_agent.models.asking import panel_of
from canary_verdict import CanaryVerdict, Verdict

COLOURS = Logs(log(STABLE, 400), log(STABLE + "ERROR color changes: blue is not known\n", 100))
CRASH = Logs(
    log(STABLE, 400),
    log(STABLE, 100) + "panic: color changes\n\ngoroutine 1 [running]:\nmain.main()\n",
)
WORDS = {"rules": [{"kind": "words", "text": "color changes"}]}


def heard(messages: list[ModelMessage]) -> str:
    """What a model is told by its user."""
    parts = [
        part for message in messages if isinstance(message, ModelRequest) for part in message.parts
    ]
    contents = [part.content for part in parts if isinstance(part, UserPromptPart)]
    return "\n".join(one if isinstance(one, str) else "\n".join(map(str, one)) for one in contents)


def excusing(rules: dict[str, Any], vote: dict[str, Any], told: list[str]) -> Answer:
    """One model: it makes rules of a note, and votes on a digest."""

    def answer(messages: list[ModelMessage]) -> dict[str, Any]:
        text = heard(messages)
        told.append(text)
        return vote if "=== DATA" in text else rules

    return answer


def judged(
    logs: Logs, prompt: str, told: list[str], rules: dict[str, Any] = WORDS
) -> CanaryVerdict:
    asked = panel(excusing(rules, opinion("promote"), told))
    return analyse(question(prompt), logs, lambda: False, panel=asked)


def test_what_the_user_excuses_is_left_out_and_shown() -> None:
    told: list[str] = []
    prompt = "Ignore color changes in the output"
    verdict = judged(COLOURS, prompt, told)
    assert verdict.verdict is Verdict.PROMOTE
    assert "extraPrompt excuses words 'color changes'" in verdict.analysis
    rules, vote = told
    # Whoever makes the rules sees nothing of the cluster, so that no log writes its own excuse.
    assert rules == prompt
    assert vote.index(prompt) < vote.index("=== DATA")
    assert prompt not in vote[vote.index("=== DATA") :]


def test_no_excuse_reaches_hard_evidence() -> None:
    assert judged(CRASH, "Ignore color changes, they are harmless", []).verdict is Verdict.ROLLBACK


@pytest.mark.parametrize(
    "prompt", ["Focus on error rates", "This is a critical payment service", "Be strict"]
)
def test_advice_excuses_nothing_and_nobody_is_asked_for_rules(prompt: str) -> None:
    told: list[str] = []
    verdict = judged(COLOURS, prompt, told)
    assert verdict.verdict is Verdict.ROLLBACK
    assert "excuses" not in verdict.analysis
    assert len(told) == 1
    assert prompt in told[0]


def test_rules_that_the_users_words_do_not_bear_are_refused() -> None:
    rules = {"rules": [{"kind": "words", "text": "payment declined"}]}
    assert judged(BAD, "Ignore color changes", [], rules).verdict is Verdict.ROLLBACK


def test_without_rules_the_verdict_says_why() -> None:
    verdict = judged(COLOURS, "Ignore color changes", [], {"no": "rules"})
    assert verdict.verdict is Verdict.ROLLBACK
    assert (
        "No rule could be made of extraPrompt: test:a: its answer has not the form"
        in verdict.analysis
    )


def test_tools_are_there_only_where_the_operator_allows_them(tmp_path: Path) -> None:
    seen: list[list[str]] = []

    def look(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        seen.append([tool.name for tool in info.function_tools])
        if info.function_tools and len(messages) == 1:
            calls = [("more_lines", {"evidence_id": "e1"}), ("describe", {"pod": "kube-system/x"})]
            return ModelResponse(parts=[ToolCallPart(name, given) for name, given in calls])
        if info.output_tools:
            return ModelResponse(parts=[ToolCallPart(info.output_tools[0].name, opinion())])
        return ModelResponse(parts=[TextPart(json.dumps(opinion()))])

    bundle = tmp_path / "a.zip"
    for lookups in (False, True):
        asked = panel_of([FunctionModel(look, model_name="test:a")], PanelSettings(lookups=lookups))
        verdict = analyse(question(), BAD, lambda: False, bundle, asked)
        assert verdict.model_results[0].error == ""
    assert seen == [[], *[["more_lines", "lines_around", "events", "describe"]] * 2]
    recorded = read_bundle(bundle).panel
    assert recorded is not None
    more, describe = recorded.exchanges[0].looked_up
    assert (more.tool, more.argument) == ("more_lines", "e1")
    assert "payment declined" in more.text
    assert describe.text.startswith("not answered: ")


def test_models_are_named_by_their_own_name() -> None:
    assert panel_of([model(opinion(), "test:z")]).settings == PanelSettings()
