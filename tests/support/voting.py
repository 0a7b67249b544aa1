"""Canaries with something to vote on, and models that say what a test wants."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models import Model
from pydantic_ai.models.function import AgentInfo, FunctionModel

from canary_agent.analysis import analyse
from canary_agent.collect import ContainerLog, Sample, Side
from canary_agent.models import Panel, PanelSettings
from canary_agent.models.asking import panel_of
from canary_verdict import CanaryRequest, CanaryVerdict, Policy, Run, Selection

USUAL = "INFO GET /item/{n} status=200\nINFO cache refreshed\n"
STABLE = USUAL + "WARN slow query {n}\n"
FAULTY = STABLE + "ERROR payment declined\n"


@dataclass(frozen=True)
class Logs:
    """Two pods' logs as a source."""

    stable: str
    canary: str

    def collect(self, request: CanaryRequest, cancelled: Callable[[], bool]) -> Sample:
        """See `Source.collect`."""

        def side(name: str, text: str) -> Side:
            return Side((ContainerLog(name, "app", lambda: iter([text.encode()])),))

        return Sample(side("stable-1", self.stable), side("canary-1", self.canary))


def log(template: str, times: int) -> str:
    """The template's lines so often, numbered."""
    return "".join(template.format(n=number) for number in range(times))


CLEAN = Logs(log(STABLE, 400), log(STABLE, 100))
BAD = Logs(log(STABLE, 400), log(FAULTY, 100))
DOUBTFUL = Logs(log(STABLE, 400), log(STABLE, 4))
"""By evidence alone: promote, rollback, inconclusive. All have evidence to cite."""


def question(prompt: str = "", policy: Policy | None = None) -> CanaryRequest:
    """A request with five minutes to go."""
    return CanaryRequest(
        run=Run("uid-1", "run", "default", "metric"),
        rollout="shop",
        stable=Selection("role=stable"),
        canary=Selection("role=canary"),
        window=600.0,
        deadline=datetime.now(UTC) + timedelta(minutes=5),
        lease_seconds=180,
        extra_prompt=prompt,
        policy=policy or Policy(),
    )


def opinion(verdict: str = "rollback", **other: Any) -> dict[str, Any]:
    """An answer of the asked form, which cites the first item of evidence."""
    return {
        "verdict": verdict,
        "confidence": 80,
        "analysis": "More queries are slow.",
        "rootCause": "An index is missing.",
        "remediation": "Add the index.",
        "cites": ["e1"],
        **other,
    }


Answer = dict[str, Any] | Exception | Callable[[list[ModelMessage]], dict[str, Any]] | None


def model(answer: Answer, name: str = "test:a") -> Model:
    """A model of that name, which gives the answer, raises it, or says nothing."""

    def respond(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            return ModelResponse(parts=[])
        given = answer(messages) if callable(answer) else answer
        if info.output_tools:
            return ModelResponse(parts=[ToolCallPart(info.output_tools[0].name, given)])
        return ModelResponse(parts=[TextPart(json.dumps(given))])

    return FunctionModel(respond, model_name=name)


def panel(*answers: Answer, settings: PanelSettings | None = None) -> Panel:
    """Models `test:a`, `test:b` ... that give these answers."""
    named = zip(answers, "abcdefgh", strict=False)
    return panel_of([model(answer, f"test:{name}") for answer, name in named], settings)


def judged(logs: Logs, *answers: Answer, settings: PanelSettings | None = None) -> CanaryVerdict:
    """The verdict on the logs with these models' answers; without any, by evidence alone."""
    asked = panel(*answers, settings=settings) if answers else None
    return analyse(question(), logs, lambda: False, panel=asked)
